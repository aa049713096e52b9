"""The account: its orders, and its balances valued live."""
