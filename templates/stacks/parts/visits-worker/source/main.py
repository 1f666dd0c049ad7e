"""Counts the visits that wait in Redis. It answers a health check on its port, and nothing else."""

import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import redis


def count():
    cache = redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=10, socket_connect_timeout=5)
    while True:
        try:
            if cache.brpop("visits", timeout=5):
                cache.incr("counted")
        except redis.exceptions.RedisError as error:
            print(f"the cache does not answer: {error}", flush=True)
            time.sleep(1)


worker = threading.Thread(target=count, daemon=True)


class Health(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if worker.is_alive() else 503)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
worker.start()
print("waiting for visits", flush=True)
ThreadingHTTPServer(("0.0.0.0", int(os.environ["PORT"])), Health).serve_forever()
