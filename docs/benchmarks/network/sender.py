"""Sends records by CPython's SocketHandler: HOST PORT COUNT. Prints the nanoseconds that took, and those of processor time."""
import logging
import logging.handlers
import sys
import time

host, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
handler = logging.handlers.SocketHandler(host, port)
log = logging.getLogger("orders.api.http")
log.propagate = False
log.setLevel(logging.INFO)
log.addHandler(handler)

cpu, wall = time.process_time_ns(), time.perf_counter_ns()
for i in range(count):
    log.info("served %s in %d ms", "/api/v1/orders", 17)
handler.close()
wall, cpu = time.perf_counter_ns() - wall, time.process_time_ns() - cpu
print(wall, cpu)
