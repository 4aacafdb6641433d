"""Applies documents by CPython's dictConfig: WHAT ROUNDS FIRST SECOND. Prints the nanoseconds of all rounds, and those of
processor time. WHAT is "new", where no logger exists before, "levels", where the documents take turns, or "unchanged"."""
import json
import logging
import logging.config
import sys
import time

what, rounds = sys.argv[1], int(sys.argv[2])
documents = [json.load(open(name)) for name in sys.argv[3:5]]
wall = cpu = 0
logging.config.dictConfig(documents[1])
for i in range(rounds):
    if what == "new":
        logging.shutdown()
        logging.root.handlers.clear()
        logging.root.manager.loggerDict.clear()
    document = documents[(i if what == "levels" else 1) % 2]
    before = time.perf_counter_ns(), time.process_time_ns()
    logging.config.dictConfig(document)
    wall += time.perf_counter_ns() - before[0]
    cpu += time.process_time_ns() - before[1]
print(wall, cpu)
