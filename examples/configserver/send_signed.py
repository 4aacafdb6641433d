#!/usr/bin/env python3
# usage: KEY=hex send_signed.py FILE HOST PORT [AUDIENCE]
import hashlib, hmac, json, os, socket, struct, sys, time


def seal(key, audience, document):
    head = 'slogsuite-hmac-sha256 %d %s ' % (time.time() * 1000, os.urandom(16).hex())
    signed = head.encode() + audience.encode() + b'\n' + document
    mac = hmac.new(key, signed, hashlib.sha256).hexdigest()
    return head.encode() + mac.encode() + b'\n' + document


with open(sys.argv[1], 'rb') as f:
    data = seal(bytes.fromhex(os.environ['KEY']), ''.join(sys.argv[4:5]), f.read())
with socket.create_connection((sys.argv[2], int(sys.argv[3])), 60) as s:
    s.sendall(struct.pack('>L', len(data)) + data)
    reply = json.loads(s.makefile().readline())  # who does not care need not read it
for error in reply.get('errors', []):
    place = [error[key] for key in ('line', 'path', 'value') if key in error]
    hint = '; did you mean %s?' % error['suggestion'] if 'suggestion' in error else ''
    print(*place, error['reason'] + hint, sep=': ', file=sys.stderr)
sys.exit(not reply['applied'])
