"""Pickles values by each protocol, and prints each with its str and repr, a JSON object a line.
"known" values have to be read as such; of others the class has to be told."""
import base64
import collections
import datetime
import decimal
import enum
import fractions
import http
import json
import pathlib
import pickle
import sys
import uuid

sys.dont_write_bytecode = True


class Plain:
    def __init__(self):
        self.a, self.b = 1, "two"


class Outer:
    class Inner(Plain):
        pass


class StrSub(str):
    pass


class IntSub(int):
    pass


class Colour(enum.Enum):
    RED = 1


class Oops(Exception):
    pass


Point = collections.namedtuple("Point", "x y")
utc = datetime.timezone.utc
off = datetime.timezone(datetime.timedelta(hours=-3, minutes=-30))
named = datetime.timezone(datetime.timedelta(seconds=5025), "my'zone")
known = [
    None, True, 0, -1, 255, 65535, 65536, -2**31, 2**31, 2**63 - 1, -2**63, 2**63, 10**400, -10**400, 0.0, -0.0, 0.1, 1e16, 1e15, 1e-4, 1e-5, 1e300, float("inf"),
    "", "it's", 'both \' and "', "caf\u00e9 \u4e2d \U0001f600 \x00\x7f\x85\u2028\n\\", b"", b"\x00\xff'", b'\'"', bytearray(), bytearray(b"\x80a"),
    [], [1, [2]], (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), {}, {"a": 1, 2: None, (1, "x"): [3]}, {1: {2: {3: {}}}}, set(), {5}, frozenset(), frozenset(["x"]), 1j, 1 - 2.5j, complex(0.0, -0.0),
    complex(-0.0, 3), complex("nan"), range(5), range(1, 10, 2), Ellipsis, NotImplemented, type(None), int, list, len, collections.OrderedDict(),
    datetime.date(1, 1, 1), datetime.date(9999, 12, 31), datetime.datetime(2024, 2, 29, 23, 59), datetime.datetime(2024, 1, 2, 3, 4, 5), datetime.datetime(2024, 1, 2, 3, 4, 0, 7),
    datetime.datetime(2024, 1, 2, tzinfo=utc), datetime.datetime(2024, 1, 2, tzinfo=off), datetime.datetime(2024, 1, 2, 3, tzinfo=named), datetime.time(0, 0), datetime.time(23, 59, 59, 999999, utc),
    datetime.timedelta(0), datetime.timedelta(-1), datetime.timedelta(days=2, microseconds=1), datetime.timedelta(seconds=-1), datetime.timedelta(days=1, hours=5), utc, off, named,
    uuid.UUID(int=0), uuid.UUID("12345678-1234-5678-1234-567812345678"),
    fractions.Fraction(0), fractions.Fraction(3, 4), fractions.Fraction(-7), pathlib.PurePosixPath("/"), pathlib.PurePosixPath("a/b"), pathlib.PurePosixPath("/a/it's"), pathlib.PurePosixPath(""),
    pathlib.PureWindowsPath("C:\\x\\y"), pathlib.PureWindowsPath("rel\\y"),
] + [decimal.Decimal(s) for s in ("0", "-0", "0.00", "19.99", "1E+5", "1.5E-10", "-123.4500", "0.000001", "0.0000001", "1E-7", "NaN", "-Infinity", "sNaN12", "123456789012345678901234567890")]
others = [Plain(), Outer.Inner(), Point(1, 2), Colour.RED, Oops("x"), ValueError("boom"), OSError("no"), http.HTTPStatus.OK, Plain, Oops,
          collections.deque([1, 2], 3), collections.Counter("ab"), collections.defaultdict(list, {"a": [1]}), json.JSONDecodeError("m", "doc", 1)]
based = [StrSub("sub"), IntSub(5)]  # below protocol 2 their base is known
try:
    import zoneinfo
    others.append(datetime.datetime(2024, 1, 2, 3, tzinfo=zoneinfo.ZoneInfo("UTC")))
except ImportError:
    pass


def line(kind, v, protocol):
    record = {"msg": "m", "levelno": 20, "x": v}
    try:
        p = pickle.dumps(record, protocol)
    except Exception:
        return
    name = v.__qualname__ if isinstance(v, type) and kind == "other" else type(v).__name__
    print(json.dumps({"Kind": kind, "Protocol": protocol, "Pickle": base64.b64encode(p).decode(), "Class": name, "Str": str(v), "Repr": repr(v)}))


for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
    for v in known:
        line("known", v, protocol)
    for v in others:
        line("other", v, protocol)
    for v in based:
        line("known" if protocol < 2 else "other", v, protocol)
