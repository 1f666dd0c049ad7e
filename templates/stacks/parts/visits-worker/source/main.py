"""Counts the visits that wait in Redis. It listens on no port: it is well while it runs."""

import os
import signal
import sys
import time

import redis

signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
cache = redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=10, socket_connect_timeout=5)
print("waiting for visits", flush=True)
while True:
    try:
        if cache.brpop("visits", timeout=5):
            cache.incr("counted")
    except redis.exceptions.RedisError as error:
        print(f"the cache does not answer: {error}", flush=True)
        time.sleep(1)
