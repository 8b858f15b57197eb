"""An SMTP server that tells what it accepts.

The first line on stdout is {"port": …}; after that every accepted mail is one line:

    {"from": …, "to": […], "data": …, "encoding": "utf-8" or "base64", "tls": …, "auth": user or null}

"data" is the whole message as it came; base64 only where it is not UTF-8. A recipient's local part scripts
the answer to RCPT: "reject…" gets 550, "defer-once…" gets 451 the first time, any other "defer…" gets 451
always. The server ends when its standard input closes, so that it cannot outlive whoever started it.
"""

import argparse
import asyncio
import base64
import json
import logging
import signal
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword, TLSSetupException


def tell(line):
    print(json.dumps(line), flush=True)


class Receiver:
    """What the server does with a mail; method names and answers are aiosmtpd's."""

    def __init__(self):
        self.deferred = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = self.scripted(address)
        if answer is None:
            envelope.rcpt_tos.append(address)
            return "250 2.1.5 OK"
        return answer

    def scripted(self, address):
        if address.startswith("reject"):
            return "550 5.1.1 No such mailbox"
        if address.startswith("defer-once"):
            if address in self.deferred:
                return None
            self.deferred.add(address)
        return "451 4.3.0 Try again later" if address.startswith("defer") else None

    async def handle_DATA(self, server, session, envelope):
        try:
            data, encoding = envelope.content.decode("utf-8"), "utf-8"
        except UnicodeDecodeError:
            data, encoding = base64.b64encode(envelope.content).decode("ascii"), "base64"
        login = session.auth_data
        tell(
            {
                "from": envelope.mail_from,
                "to": envelope.rcpt_tos,
                "data": data,
                "encoding": encoding,
                "tls": session.ssl is not None,
                "auth": login.login.decode() if login else None,
            }
        )
        return "250 2.0.0 Accepted"

    async def handle_exception(self, error):
        # A client that refuses the certificate is what a test may want.
        if not isinstance(error, TLSSetupException):
            logging.getLogger("mail.log").error("session failed", exc_info=error)
        return "500 5.5.0 Error"


def authenticator(user, password):
    """Accepts one user; the login is kept in the session."""
    expected = LoginPassword(user.encode(), password.encode())

    def authenticate(server, session, envelope, mechanism, login):
        return AuthResult(success=login == expected, auth_data=login, handled=False)

    return authenticate


def settings(arguments):
    """aiosmtpd's settings for what was asked on the command line."""
    chosen = {"hostname": "smtp-receiver.invalid", "enable_SMTPUTF8": True}
    if arguments.certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(arguments.certificate, arguments.key)
        chosen |= {"tls_context": tls, "require_starttls": True}
    if arguments.user:
        chosen |= {
            "authenticator": authenticator(arguments.user, arguments.password),
            "auth_required": True,
            "auth_require_tls": bool(arguments.certificate),
        }
    return chosen


async def serve(arguments):
    loop = asyncio.get_running_loop()
    receiver = Receiver()
    chosen = settings(arguments)
    server = await loop.create_server(lambda: SMTP(receiver, **chosen), "127.0.0.1", arguments.port)
    tell({"port": server.sockets[0].getsockname()[1]})
    await loop.run_in_executor(None, sys.stdin.buffer.read)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument("--certificate", help="PEM file; STARTTLS is offered and required")
    parser.add_argument("--key", help="PEM file of its key, where the certificate's file has none")
    parser.add_argument("--user", help="require AUTH as this user")
    parser.add_argument("--password", default="", help="with this password")
    arguments = parser.parse_args()
    # A Ctrl-C at the terminal is for whoever started this; it ends with its input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Its warnings are about a deprecated field of its own and about AUTH without TLS, which a test may want.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    asyncio.run(serve(arguments))


if __name__ == "__main__":
    main()
