"""One helper process for each home: holds the key and the models, and does the waiting jobs.

`protocol` is what goes over the socket, `client` asks, `server` answers, `process` starts, stops
and finds it. Everything works without it; with it, it is done once for all front ends.
"""
