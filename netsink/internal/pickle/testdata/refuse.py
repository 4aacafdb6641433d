"""What CPython's unpickler does with pickles, one in base64 on each line of stdin, when it
refuses every name, so that nothing is imported or called: {"OK": value} or {"Error": ...} a line.

The only argument is the directory of the oracle's scripts, whose enc tags values.
"""
import base64
import io
import pickle
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
from common import dumps, enc, error_of  # noqa: E402

try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
except ImportError:
    pass


class Refuse(pickle.Unpickler):
    def find_class(self, module, name):
        raise pickle.UnpicklingError("GLOBAL refused: %s.%s" % (module, name))


for line in sys.stdin:
    try:
        out = {"OK": enc(Refuse(io.BytesIO(base64.b64decode(line))).load())}
    except (MemoryError, RecursionError):
        out = {}
    except Exception as e:
        out = {"Error": error_of(e)}
    print(dumps(out))
