"""A shop: goods, prices and customers."""
from __future__ import annotations

import os
import os.path as osp
from typing import Generic, TypeVar
from .goods import Item as Good, price_of

T = TypeVar("T")
LIMIT, STEP = 10, 2
registry: dict[str, "Shop"] = {}


# Counts calls.
# Twice as fast as it looks.
def counted(function):
    calls = 0

    def wrapper(*args, **kwargs):
        """Adds one, then calls."""
        nonlocal calls
        calls += 1
        return function(*args, **kwargs)

    return wrapper


class Shop(Base, Generic[T]):
    '''Sells things.

    Nothing is free.
    '''

    open = True
    kinds, sizes = (), ()

    def __init__(self, name: str, *, stock=None):
        self.name = name
        self.stock = stock or {}
        self.name = name.strip()
        total = 0
        for item, count in self.stock.items():
            total += price_of(item) * count
        self._total = total

    @property
    def total(self) -> int:
        return self._total

    @staticmethod
    @counted
    def parse(text: str) -> "Shop[T]":
        with open(text) as handle:
            lines = [line.strip() for line in handle if line]
        try:
            key = lambda entry: entry[0]
            return Shop(sorted(lines, key=key)[0])
        except (OSError, ValueError) as error:
            raise ShopError(str(error)) from error

    class Meta:
        table = "shops"


async def main(path: str = LIMIT) -> None:
    global registry
    shop = Shop.parse(osp.join(path, "x"))
    registry[shop.name] = shop
    if (found := find(shop)) is not None:
        print(found, end="")


if __name__ == "__main__":
    main()
