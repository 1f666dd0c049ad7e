-- What a worker said last of the platform's images there: what they take, and what it removed. Null: nothing yet.
alter table worker_report add column images jsonb;
