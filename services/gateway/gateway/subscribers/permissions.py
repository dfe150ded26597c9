"""What a subscriber may do on NATS: ask the gateway for its project's events, and nothing else.

Subscribers live in a NATS account of their own. It has no JetStream and shares nothing with the account of the
services, so no subject that a subscriber names, not even as the reply of a message, ever reaches them.
"""

from dataclasses import dataclass

from common.contract.events import AnnotationChanged

ACCOUNT = "SUBSCRIBERS"
STREAM = AnnotationChanged.stream


@dataclass(frozen=True, slots=True)
class SubscriberAccess:
    """The subjects of one subscriber."""

    subscriber_id: str
    project_id: str

    @property
    def filter_subject(self) -> str:
        """The subject of the events that it gets."""
        return AnnotationChanged.pattern().removesuffix("*") + self.project_id

    @property
    def read_subject(self) -> str:
        """Where it asks for events."""
        return f"events.{self.subscriber_id}.read"

    @property
    def commit_subject(self) -> str:
        """Where it says how far it has processed them."""
        return f"events.{self.subscriber_id}.commit"

    @property
    def inbox_prefix(self) -> str:
        """Where answers go."""
        return f"_INBOX.{self.subscriber_id}"

    @property
    def publish(self) -> list[str]:
        """The subjects it may publish to."""
        return [self.read_subject, self.commit_subject]

    @property
    def subscribe(self) -> list[str]:
        """The subjects it may subscribe to."""
        return [f"{self.inbox_prefix}.>"]

    def accepts_reply(self, reply: str) -> bool:
        """Whether an answer may go to this subject. The server does not check a client's permissions on it."""
        return reply.startswith(f"{self.inbox_prefix}.") and not set(reply) & set("*> \t\r\n")
