"""Log through SocketHandler or DatagramHandler and print what CPython's own Formatter makes of it.

    send.py NETWORK ADDRESS FORMAT
"""
import datetime
import decimal
import io
import logging
import logging.handlers
import os
import sys
import threading
import uuid

network, address, fmt = sys.argv[1:]
sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="\n")

kind = logging.handlers.DatagramHandler if network in ("udp", "unixgram") else logging.handlers.SocketHandler
if network.startswith("unix"):
    remote = kind(address, None)
else:
    host, _, port = address.rpartition(":")
    remote = kind(host, int(port))

sent = 0


class Counted(logging.Filter):
    """Every record has the extras that the format prints."""

    def filter(self, record):
        global sent
        sent += 1
        record.__dict__.setdefault("user", None)
        record.__dict__.setdefault("things", ())
        return True


def failed(*_):
    sys.exit("a record was not sent: %r" % (sys.exc_info(),))


logging.raiseExceptions = True
logging.addLevelName(25, "NOTICE")
logging.addLevelName(7, "ÜBUNG")
# The local one is first: SocketHandler leaves exc_text in the record.
local = logging.StreamHandler(sys.stdout)
local.setFormatter(logging.Formatter(fmt))
for handler in local, remote:
    handler.handleError = failed
    logging.getLogger().addHandler(handler)
local.addFilter(Counted())
logging.getLogger().setLevel(1)

log = logging.getLogger("app.część")


class Odd(object):
    def __repr__(self):
        return "<odd>"


def inner(depth):
    if depth:
        inner(depth - 1)
    raise ValueError("no such thing: 'Zoë'", depth)


def work():
    for level in (1, 7, 10, 15, 20, 25, 30, 40, 50, 60):
        log.log(level, "level %d", level)
    logging.info("the root logger")
    log.info("100% sure, %d of it")
    log.info("%s and %r, %5.1f%%, %x, %c|%-8s|", "text", "repr", 99.95, 255, "c", "left")
    log.info("%(a)s before %(b)r", {"a": 1, "b": [None, "x"]})
    log.info("%s", Odd())
    log.info(Odd())
    log.info(12345678901234567890)
    log.warning("two\nlines, a tab\t, \x1b[31mred\x1b[0m, nul \x00, \u2028 and \U0001f600")
    log.info("")
    log.info("long " + "x" * (2000 if network == "udp" else 60000))  # the system loses datagrams that nobody has read yet
    log.info("extras", extra={"user": "Zoë", "things": {
        "none": None, "bools": (True, False), "ints": [0, -1, 2**31, 2**63, -2**70], "floats": [0.1, -0.0, 1e300, float("inf")],
        "bytes": b"\x00\xff'", "text": "it's \"so\"\n", "nested": {"a": {"b": [(1,), ()]}},
    }})
    log.info("values", extra={"user": decimal.Decimal("1.50"), "things": [
        datetime.datetime(2024, 2, 29, 12, 30, 1, 5), datetime.date(1999, 12, 31), datetime.time(1, 2, 3),
        decimal.Decimal("-0.000"), uuid.UUID(int=1), set([1]), frozenset(["x"]), complex(1, -2), bytearray(b"x"),
    ]})
    if sys.version_info >= (3, 7):  # which has changed the repr of a timedelta
        log.info("times", extra={"user": datetime.timedelta(days=-1, seconds=5), "things": [
            datetime.datetime(2024, 2, 29, tzinfo=datetime.timezone(datetime.timedelta(hours=5, minutes=30))), datetime.timedelta(microseconds=1),
        ]})
    try:
        inner(3)
    except ValueError:
        log.exception("failed with %s", "this")
        try:
            raise KeyError("während")
        except KeyError:
            log.critical("again", exc_info=True, stack_info=True)
    log.error("no exception", exc_info=True)
    log.info("where", stack_info=True)


work()
thread = threading.Thread(target=work, name="Wörker-1")
thread.start()
thread.join()
child = None
if hasattr(os, "fork") and network in ("udp", "unixgram"):
    # A child shares the socket; a stream would be shared as well, so that is for datagrams.
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        log.info("from the child")
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)
logging.shutdown()
sys.stdout.flush()
if sent < 50:
    sys.exit("only %d records were sent" % sent)
