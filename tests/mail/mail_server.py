"""A mail server for the tests, made of aiosmtpd: on this machine only, with STARTTLS and AUTH, or with neither.

Prints "listening on PORT". What happens is appended to a file, one line of JSON each: who says hello, who signs in and
whether that was right, and every mail as it came. Nothing is delivered to anybody.
"""

import argparse
import asyncio
import json
import ssl

from aiosmtpd.smtp import SMTP, AuthResult


class Told:
    """Notes what happens."""

    def __init__(self, path):
        self.path = path

    def tell(self, what, session, **more):
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps({"what": what, "tls": session.ssl is not None, **more}) + "\n")

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        self.tell("hello", session)
        return responses

    async def handle_DATA(self, server, session, envelope):
        self.tell(
            "mail",
            session,
            signed_in=bool(session.authenticated),
            sender=envelope.mail_from,
            to=envelope.rcpt_tos,
            content=envelope.content.decode("utf-8", "replace"),
        )
        return "250 OK"


async def serve(options):
    told = Told(options.events)

    def authenticate(server, session, envelope, mechanism, data):
        right = data.login == b"romp" and data.password == options.password.encode()
        told.tell("sign_in", session, right=right)
        return AuthResult(success=right, handled=False)

    more = {}
    if options.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate, options.key)
        more = {
            "tls_context": context,
            "require_starttls": True,
            "auth_required": True,
            "authenticator": authenticate,
        }
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(told, hostname="127.0.0.1", loop=loop, **more), "127.0.0.1", options.port
    )
    print("listening on", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--events", required=True)
parser.add_argument("--certificate")
parser.add_argument("--key")
parser.add_argument("--password", default="")
asyncio.run(serve(parser.parse_args()))
