import logging
import logging.handlers
import sys

port, name, records = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
log = logging.getLogger(name)
log.setLevel(logging.INFO)
log.addHandler(logging.handlers.SocketHandler('127.0.0.1', port))
for i in range(records):
    log.info('record %d', i)
