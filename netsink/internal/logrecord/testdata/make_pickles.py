"""Writes what SocketHandler.makePickle produces, without the frame's length."""
import logging
import logging.handlers
import pathlib
import sys

out = pathlib.Path(sys.argv[1])
handler = logging.handlers.SocketHandler("localhost", 0)


class Keep(logging.Handler):
    def emit(self, record):
        self.record = record


keep = Keep()
log = logging.getLogger("orders.api.http")
log.propagate = False
log.setLevel(logging.INFO)
log.addHandler(keep)


def save(name):
    data = handler.makePickle(keep.record)
    (out / name).write_bytes(data[4:])
    print(name, len(data) - 4)


log.info("served %s in %d ms", "/api/v1/orders", 17)
save("plain.pickle")
log.info("served %s in %d ms", "/api/v1/orders", 17, extra={"tenant": "acme", "user": {"id": 7, "roles": ["a", "b"]}})
save("extra.pickle")
try:
    {}["missing"]
except KeyError:
    log.exception("lookup failed")
save("exception.pickle")
