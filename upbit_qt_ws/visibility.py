"""Visibility: a component that nobody can see is given nothing, and after a while nothing is asked for it."""

from __future__ import annotations

import time
import weakref
from collections import Counter
from typing import TYPE_CHECKING, Final, Protocol

from PyQt6 import sip
from PyQt6.QtCore import QEvent, QObject, Qt, pyqtSignal, pyqtSlot

from upbit_qt_ws.guard import guarded, guarded_returning
from upbit_qt_ws.qt_typing import connect_queued

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PyQt6.QtWidgets import QWidget

_EXPLICIT: Final = Qt.WidgetAttribute.WA_WState_ExplicitShowHide
_TELLING: Final = frozenset(
    {
        QEvent.Type.Show,
        QEvent.Type.WindowStateChange,
        QEvent.Type.ParentChange,
        QEvent.Type.Resize,
        # The first thing that a widget hears of when what has covered it is gone.
        QEvent.Type.Paint,
    }
)
"""Events after which a hidden widget may be visible."""


class VisibilityActions(Protocol):
    """What is done with components when somebody can see them, or nobody can; a window may hold a thousand."""

    def rest(self, components: Sequence[int]) -> None:
        """Deliver nothing to them."""

    def release(self, components: Sequence[int]) -> None:
        """Have nothing asked for them either."""

    def wake(self, components: Sequence[int]) -> None:
        """Serve them again."""


class VisibilityWatcher(QObject):
    """Knows which components can be seen. Lives in the GUI thread.

    A component is hidden when its widget, or any ancestor of that, is hidden, lies in a minimised window, or when
    nothing of it can be seen: in a covered tab, a dock below another one, or a pane without width. A window that was
    never shown hides nothing: programs without a window, and tests, are served as well.

    What is visible is looked at regularly, since that costs less than a filter on every event of every widget; what
    is hidden is filtered, so that it is served again the moment it is shown.

    Args:
        linger: for how long the exchange is still asked for what a hidden component wants, in seconds.
        actions: what to do.
        clock: gives monotonic seconds.
    """

    _maybe_shown = pyqtSignal()

    def __init__(self, linger: float, actions: VisibilityActions, clock: Callable[[], float] = time.monotonic) -> None:
        """Watch nothing yet."""
        super().__init__()
        self._linger = linger
        self._actions = actions
        self._clock = clock
        self._watched: dict[int, Callable[[], QObject | None]] = {}
        self._hidden: dict[int, float] = {}
        self._released: set[int] = set()
        self._filtered: dict[int, list[tuple[int, weakref.ref[QWidget]]]] = {}
        # For how many components each widget or window is filtered, by its identity.
        self._filters: Counter[int] = Counter()
        connect_queued(self._maybe_shown, self.look)

    def watch(self, component: int, owner: Callable[[], QObject | None]) -> None:
        """Follow a component.

        Args:
            component: its number.
            owner: a weak reference to the object whose next widget upwards is to be visible.
        """
        self._watched[component] = owner

    def forget(self, component: int) -> None:
        """Follow a component no longer; forgetting twice does nothing."""
        self._watched.pop(component, None)
        self._hidden.pop(component, None)
        self._released.discard(component)
        self._unfilter(component)

    def stop(self) -> None:
        """Follow nothing any more."""
        for component in tuple(self._watched):
            self.forget(component)

    def follows(self, component: int) -> bool:
        """Tell whether a component is followed."""
        return component in self._watched

    @property
    def hidden(self) -> frozenset[int]:
        """The components that nobody can see."""
        return frozenset(self._hidden)

    @pyqtSlot()
    @guarded
    def look(self) -> None:
        """Look at all components, and act on what has changed."""
        now = self._clock()
        rest, release, wake = [], [], []
        for component, owner in tuple(self._watched.items()):
            widget = _widget_of(owner())
            if widget is None:
                continue
            if _is_hidden(widget):
                since = self._hidden.setdefault(component, now)
                if component not in self._filtered:
                    rest.append(component)
                elif now - since >= self._linger and component not in self._released:
                    self._released.add(component)
                    release.append(component)
                if component not in self._filtered or self._is_elsewhere(component, widget):
                    self._filter(component, widget)
            elif component in self._hidden:
                del self._hidden[component]
                self._released.discard(component)
                self._unfilter(component)
                wake.append(component)
        for act, components in (
            (self._actions.rest, rest),
            (self._actions.release, release),
            (self._actions.wake, wake),
        ):
            if components:
                act(components)

    @guarded_returning(False)
    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Notice that something hidden may be visible now."""
        if event is not None and event.type() in _TELLING:
            self._maybe_shown.emit()
        return False

    def _filter(self, component: int, widget: QWidget) -> None:
        self._unfilter(component)
        window = widget.window()
        objects = [widget] if window is None or window is widget else [widget, window]
        for each in objects:
            self._filters[id(each)] += 1
            each.installEventFilter(self)
        self._filtered[component] = [(id(each), weakref.ref(each)) for each in objects]

    def _is_elsewhere(self, component: int, widget: QWidget) -> bool:
        """Whether it was given another window since it is hidden."""
        window = widget.window()
        return all(reference() is not window for _, reference in self._filtered.get(component, ()))

    def _unfilter(self, component: int) -> None:
        for identity, reference in self._filtered.pop(component, ()):
            self._filters[identity] -= 1
            if self._filters[identity] > 0:
                continue
            del self._filters[identity]
            widget = reference()
            if widget is not None and not sip.isdeleted(widget):
                widget.removeEventFilter(self)


def _is_hidden(widget: QWidget) -> bool:
    if widget.isVisible():
        window = widget.window()
        return window is not None and (window.isMinimized() or _is_covered(widget, window))
    window = widget.window()
    # Without a call of show() or hide() the window has not had its chance yet, or the program has none.
    return window is None or window.isVisible() or window.testAttribute(_EXPLICIT)


def _is_covered(widget: QWidget, window: QWidget) -> bool:
    """Tell whether nothing of a visible widget can be seen."""
    shown = widget
    while shown.size().isEmpty() and not _is_pane(shown):
        # One without a size is there to hold something, and stands where its parent does.
        above = shown.parentWidget()
        if above is None:
            return False
        shown = above
    if shown.visibleRegion().isEmpty():
        return True
    embedding = window.graphicsProxyWidget()
    scene = None if embedding is None else embedding.scene()
    return scene is not None and all(_is_hidden(view) for view in scene.views())


def _is_pane(widget: QWidget) -> bool:
    """Tell whether a widget lies in a splitter, where it has no size once it is closed."""
    above = widget.parent()
    return above is not None and above.inherits("QSplitter")


def _widget_of(item: QObject | None) -> QWidget | None:
    """Return the next widget upwards, None without one."""
    if item is None or sip.isdeleted(item):
        return None
    above = item.parent()
    while above is not None and not above.isWidgetType():
        above = above.parent()
    return above  # type: ignore[return-value] # A widget, as it says itself.
