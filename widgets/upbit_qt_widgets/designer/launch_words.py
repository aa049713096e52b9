"""What ``upbit-qt designer`` tells, in Korean and English."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from upbit_qt_widgets.base.texts import pick
from upbit_qt_widgets.designer.catalogue import CATALOGUE, HEADER
from upbit_qt_widgets.designer.launch import Obstacle

if TYPE_CHECKING:
    from upbit_qt_widgets.base.texts import Language
    from upbit_qt_widgets.designer.launch import Choice

_PROBLEMS: Final[dict[Obstacle, tuple[str, str]]] = {
    Obstacle.NO_DESIGNER: (
        "Qt 6의 Qt Designer를 찾지 못했습니다. PyQt6에는 Designer가 들어 있지 않습니다.",
        "no Qt Designer of Qt 6 was found. PyQt6 comes without one.",
    ),
    Obstacle.QT5: (
        "{program}: Qt 5의 Designer입니다. 위젯에는 Qt 6의 Designer가 필요합니다.",
        "{program} is the Designer of Qt 5. The widgets need that of Qt 6.",
    ),
    Obstacle.PYSIDE: (
        "{program}: PySide6의 Designer입니다. PyQt6로 만든 위젯은 불러오지 못합니다.",
        "{program} is the Designer of PySide6, which cannot load widgets that are made with PyQt6.",
    ),
    Obstacle.NO_LOADER: (
        "{program}: PyQt6 플러그인 로더(libpyqt6.so, Windows에서는 pyqt6.dll)가 없습니다.\n찾아본 폴더: {searched}",
        "{program} lacks PyQt6's plugin loader (libpyqt6.so, on Windows pyqt6.dll).\nLooked in: {searched}",
    ),
    Obstacle.NO_LIBRARY: (
        "{program}: PyQt6 플러그인 로더가 쓰는 라이브러리 {lacks}가 없습니다. "
        "이대로 시작하면 아무 메시지 없이 위젯이 빠집니다.",
        "{program}: its PyQt6 plugin loader needs the library {lacks}, which is not there. "
        "Without it the widgets are missing, and no message says so.",
    ),
    Obstacle.OTHER_PYTHON: (
        "{program}: 이 Designer의 Python은 {theirs}, 이 환경의 Python은 {ours}입니다. "
        "컴파일된 라이브러리는 다른 버전에서 불러올 수 없습니다.\n"
        "Python {theirs} 환경을 만들고, 거기에 upbit-qt-ws[charts]를 설치한 뒤 그 upbit-qt designer를 실행하세요.",
        "{program} runs Python {theirs}, but this environment is one of Python {ours}. "
        "Compiled libraries load in no other version.\n"
        "Make an environment with Python {theirs}, install upbit-qt-ws[charts] there, and run its upbit-qt designer.",
    ),
}
_NOWHERE: Final = ("해당 폴더 없음", "there is no such folder")
_REMEDY: Final = (
    "설치: {how}",
    "To install what is missing: {how}",
)
_OTHER_DESIGNER: Final = (
    "다른 Designer가 있으면 --designer 경로 로 알려 주세요.",
    "If there is another Designer, name it with --designer PATH.",
)
_PROMOTION: Final = (
    "Designer가 위젯을 불러오지 못해도, 승격(promote)하면 위젯을 쓸 수 있습니다:\n"
    "  1. 위젯이 놓일 자리에 QWidget을 놓습니다{others}.\n"
    "  2. 마우스 오른쪽 단추로 눌러 'Promote to...'를 고릅니다.\n"
    "  3. 'Promoted class name'에 클래스 이름을, 'Header file'에 모듈 이름 {header} 입력 후 Add, Promote를 누릅니다.\n"
    "  4. 속성 편집기의 + 단추로 속성을 더합니다: 예를 들어 문자열(String) market, 값 KRW-BTC.\n"
    "클래스: {classes}",
    "The widgets can be used without being loaded, by promotion:\n"
    "  1. Put a QWidget where the widget shall be{others}.\n"
    "  2. Click it with the right button and choose 'Promote to...'.\n"
    "  3. Write the name of the class as 'Promoted class name' and {header} as 'Header file', then Add and Promote.\n"
    "  4. Add properties with the + of the property editor: for example the String market with the value KRW-BTC.\n"
    "Classes: {classes}",
)
_OTHERS: Final = ("({names})", " ({names})")
_OTHER_BASE: Final = ("{name}에는 {base}", "a {base} for {name}")
STARTED: Final = (
    "Designer 시작: {program}. 위젯은 위젯 상자의 {group} 항목에 있습니다.",
    "starting {program}. The widgets are in its widget box, under {group}.",
)
FAILED: Final = (
    "{program}: 정상적으로 끝나지 않았습니다(종료 코드 {code}).",
    "{program} ended with exit code {code}.",
)
NOT_STARTED: Final = (
    "{program}: 시작할 수 없습니다: {error}",
    "{program} cannot be started: {error}",
)
NOT_A_FILE: Final = (
    "--designer {program}: 그런 프로그램이 없습니다.",
    "--designer {program}: there is no such program.",
)


def explanation(choice: Choice, python: tuple[int, int], remedy: str, language: Language) -> str:
    """Say what is missing, what to install where that helps, and how to do without.

    Args:
        choice: the nearest Designer and what is in its way.
        python: the version of the environment's Python.
        remedy: a command that installs what is missing; empty for none.
        language: of the text.
    """
    obstacle, designer = choice.obstacle or Obstacle.NO_DESIGNER, choice.designer
    facts = {"ours": _version(python)}
    if designer is not None:
        facts["program"] = str(designer.program)
        loader = designer.loader
        facts["theirs"] = _version(python if loader is None or loader.python is None else loader.python)
        facts["lacks"] = "" if loader is None else loader.lacks
        facts["searched"] = ", ".join(map(str, designer.searched)) or pick(_NOWHERE, language)
    parts = [pick(_PROBLEMS[obstacle], language).format(**facts)]
    if remedy and obstacle is not Obstacle.OTHER_PYTHON:
        parts.append(pick(_REMEDY, language).format(how=remedy))
    parts += [pick(_OTHER_DESIGNER, language), "", promotion(language)]
    return "\n".join(parts)


def promotion(language: Language) -> str:
    """Say how to use the widgets in a Designer that cannot load them."""
    others = [
        pick(_OTHER_BASE, language).format(name=entry.name, base=entry.base)
        for entry in CATALOGUE
        if entry.base != "QWidget"
    ]
    return pick(_PROMOTION, language).format(
        others=pick(_OTHERS, language).format(names=", ".join(others)) if others else "",
        header=HEADER,
        classes=", ".join(entry.name for entry in CATALOGUE),
    )


def _version(python: tuple[int, int]) -> str:
    return ".".join(map(str, python))
