"""Receives OTLP over HTTP with the official protocol buffers, and prints what arrived when its input ends.

python3 receive_otlp.py  (prints its port first; pip install opentelemetry-proto)
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

spans = []
metrics = {}
resource = {}


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = b"".join(self.chunks())
        if self.path == "/v1/traces":
            for group in ExportTraceServiceRequest.FromString(body).resource_spans:
                resource.update({a.key: a.value.string_value for a in group.resource.attributes})
                for scope in group.scope_spans:
                    for span in scope.spans:
                        spans.append(
                            {
                                "name": span.name,
                                "kind": span.kind,
                                "traceId": span.trace_id.hex(),
                                "parentId": span.parent_span_id.hex(),
                                "attributes": sorted(a.key for a in span.attributes),
                            }
                        )
        else:
            for group in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                for scope in group.scope_metrics:
                    for metric in scope.metrics:
                        metrics[metric.name] = describe(metric)
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def chunks(self):
        if self.headers["transfer-encoding"] != "chunked":
            yield self.rfile.read(int(self.headers["content-length"]))
            return
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def log_message(self, *_):
        pass


def describe(metric):
    kind = metric.WhichOneof("data")
    points = getattr(metric, kind).data_points
    if kind != "histogram":
        return {"kind": kind, "sum": sum(p.as_double or p.as_int for p in points)}
    sound = all(sum(p.bucket_counts) == p.count and len(p.bucket_counts) == len(p.explicit_bounds) + 1 for p in points)
    return {"kind": kind, "count": sum(p.count for p in points), "sound": sound}


server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
print(json.dumps({"spans": spans, "metrics": metrics, "resource": resource}))
