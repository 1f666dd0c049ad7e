"""Read by gunicorn from the folder it is started in."""

import os

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
accesslog = "-"
access_log_format = '%(m)s %(U)s %(s)s %(M)s ms'
graceful_timeout = 5
worker_tmp_dir = "/tmp"
