"""AWS on the wire: what call a request is, its parameters, and the bytes of the answer.

Rule: botocore's own service models decide. No operation is written down here; a
service that botocore knows can be parsed and answered in each protocol its clients
use (JSON 1.0 and 1.1, query, REST-JSON, REST-XML, RPC v2 CBOR, event streams).
Reason: the clients are generated from the same models, so what they accept is defined
there. Requests of the query and REST protocols are read by moto's parsers and routers,
and XML is written by its serialisers; JSON, CBOR and event streams are ours, because
moto's have naive timestamps and no CBOR.
Known cost: moto's protocol layer is not a public interface, so its minor version is
fixed in pyproject.toml.
"""
