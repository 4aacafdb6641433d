"""One of the processes that write a file through concurrent-log-handler: see member in shared_test.go."""
import logging
import sys
import time

from concurrent_log_handler import ConcurrentRotatingFileHandler

LINE = 119  # and a line feed
KEEP_ALL = 100_000

path, limit, lines = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
handler = ConcurrentRotatingFileHandler(path, maxBytes=limit, backupCount=KEEP_ALL)
log = logging.getLogger("app")
log.propagate = False
log.setLevel(logging.INFO)
log.addHandler(handler)
message = "x" * LINE
print("ready", flush=True)
sys.stdin.read()
start = time.process_time_ns()
for _ in range(lines):
    log.info(message)
handler.close()
print(time.process_time_ns() - start, flush=True)
