"""The Cookbook's receiver with another format, and with JSON in place of pickle.

    receive.py SERVER pickle|json FORMAT

SERVER is the Cookbook's own program. It ends when its sender has closed the connection.
"""
import importlib.util
import json
import logging
import sys

path, protocol, fmt = sys.argv[1:]
spec = importlib.util.spec_from_file_location("server", path)
server = importlib.util.module_from_spec(spec)
spec.loader.exec_module(server)


class JSONHandler(server.LogRecordStreamHandler):
    def unPickle(self, data):
        return json.loads(data.decode("utf-8"))


logging.raiseExceptions = True
handler = logging.StreamHandler(open(1, "w", encoding="utf-8", errors="surrogatepass", newline="\n", closefd=False))
handler.setFormatter(logging.Formatter(fmt))
handler.handleError = lambda record: print("a record could not be printed: %r %r" % (sys.exc_info(), record.__dict__), file=sys.stderr)
handler.setLevel(-1000)  # slog has levels below Python's 0
logging.getLogger().addHandler(handler)
receiver = server.LogRecordSocketReceiver(port=0, handler=JSONHandler if protocol == "json" else server.LogRecordStreamHandler)
print("port %d" % receiver.server_address[1], flush=True)
receiver.serve_until_stopped()
