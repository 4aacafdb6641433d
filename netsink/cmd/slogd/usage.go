package main

// usage is what -h prints.
const usage = `slogd receives log records over the network and writes them to a file that rotates.

  slogd [-listen ADDR]... [-file NAME] [flags]

It understands Python's logging.handlers.SocketHandler and DatagramHandler, of CPython 2.7
and 3.6 on, and package netsink, which sends what they send, or JSON. Nothing that comes
is executed: a record that would call something when Python unpickles it is text here, or refused.
Many processes can so write one file, in which no line is torn.

Where records come from
  -listen ADDR         HOST:PORT, udp:HOST:PORT or unix:PATH; may be repeated.
                       127.0.0.1:9020 by default, Python's port for it. Port 0 is a free one.
                       An address that others than this machine reach is refused without
                       TLS, or:
  -insecure            listen there without TLS: anybody can write to the log
  -tls-cert FILE       the certificate in PEM, and
  -tls-key FILE        its key, for TLS, at least version 1.3
  -tls-client-ca FILE  take only senders whose certificates are from these authorities

Where they go
  -file NAME           append to this file; without it, print to stdout
  -console             print to stdout as well, in colours on a terminal
  -max-bytes N         rotate before the file gets longer: 1000000, 100MB, 64MiB
  -when UNIT           rotate by the clock, as TimedRotatingFileHandler does: S, M, H, D,
                       midnight, W0 to W6
  -interval N          how many of these units lie between
  -backups N           how many old files are kept, 5 by default; with -when, 0 is all
  -compress gzip       compress old files
  -direct              hand each record to the system at once, see below

What is written
  -format FORMAT       as in Python's logging.Formatter, by default
                       '%(asctime)s %(process)d %(name)s %(levelname)s %(message)s'.
                       The fields are those of the sender, %(pathname)s and %(process)d too.
                       What it names no field for follows as key=value.
  -datefmt FORMAT      how %(asctime)s is written, by strftime
  -json                an object of JSON a line
  -level LEVEL         leave out what is below: DEBUG, INFO, WARNING, ERROR, CRITICAL, or
                       a number as in Python. All are written by default.
  -logger NAME         write NAME for the sender's logger

Or by a file, for many destinations
  -config FILE         handlers, formats and levels as Python's logging.conf or dictConfig have
                       them, or JSON or YAML, in place of the flags above: docs/configuration.md.
                       Records go to the handlers of their loggers; of levels those of handlers count.
                       SIGHUP reads it again: all of it holds, or, if something is wrong, nothing.
  -configserver ADDR   take such files from HOST:PORT or unix:PATH, as Python's
                       logging.config.listen does: docs/configserver.md. From other machines only
                       with -tls-client-ca, which it shares, or:
  -config-key FILE     take only files in an envelope with an HMAC by this key, which is in
                       hexadecimal digits
  -config-root DIR     the directory below which files from there may write; none without it
  -admin HOST:PORT     a page that shows loggers and records, and changes nothing, on a loopback address:
                       docs/admin.md

How it runs
  -max-conns N         how many senders there may be at once, 1,000 by default; for one more, the
                       oldest that has sent nothing yet has to go, and if there is none it waits
  -max-record N        how long a record may be as it is sent, 1MiB by default; a longer one ends its
                       sender's connection
  -idle DURATION       close connections on which nothing came for so long: 10m, 1h. Python's
                       SocketHandler loses the next record then. Never by default.
  -stats DURATION      print the counts on stderr every so often: 30s, 5m
  -h                   print this

When it listens it says so on stderr, with its port. SIGHUP opens the file anew, for logrotate,
or reads that of -config.
SIGTERM and SIGINT end it: it takes no more connections, reads what senders have sent for
up to 5 seconds, writes it, prints the counts on stderr, and exits. A second signal ends it at once.

The file is written every 100 ms, when 64 KiB have come, and at once after a record
of level ERROR or above. Nothing of that is lost by SIGTERM. A kill -9, or a crash, costs what has come
since; with -direct it does not, and each record takes longer. Either costs what was
on its way: these senders learn nothing of what became of a record.

It exits with 0; with 1 if records could not be written or it could not go on; with 2, before it has
done anything, if flags or files are wrong. What senders do wrong is told on stderr, and
counted; it closes their connections and no others.

Examples
  slogd -file all.log -max-bytes 100MB -backups 5 -compress gzip
  slogd -listen 127.0.0.1:9020 -listen unix:/run/slogd.sock -file all.log -when midnight
  slogd -config logging.conf -configserver unix:/run/slogd-config.sock -admin 127.0.0.1:9021
  slogd -listen :9020 -tls-cert cert.pem -tls-key key.pem -tls-client-ca ca.pem -file all.log

In Python:
  import logging, logging.handlers
  logging.getLogger().addHandler(logging.handlers.SocketHandler('127.0.0.1', 9020))
  logging.getLogger('app').warning('disk at %d%%', 93)

In Go:
  h, err := netsink.NewHandler("tcp", "127.0.0.1:9020", netsink.Options{})
  ...
  defer h.Close(context.Background())
  slog.New(h).Warn("disk", "percent", 93)
`
