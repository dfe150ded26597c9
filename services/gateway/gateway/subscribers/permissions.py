"""The NATS permissions of a subscriber: it may request its project's events from the gateway, and nothing else.

Subscribers use a separate NATS account. It has no JetStream and shares nothing with the account of the services, so no
subject that a subscriber names reaches a service, not even as the reply subject of a message.
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
        """The subject of its events in the stream."""
        return AnnotationChanged.pattern().removesuffix("*") + self.project_id

    @property
    def read_subject(self) -> str:
        """The subject of requests for events."""
        return f"events.{self.subscriber_id}.read"

    @property
    def commit_subject(self) -> str:
        """The subject of requests that store its position."""
        return f"events.{self.subscriber_id}.commit"

    @property
    def inbox_prefix(self) -> str:
        """The prefix of the subjects that receive replies."""
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
        """Whether a reply may be sent to this subject, which the server does not check against the permissions."""
        return reply.startswith(f"{self.inbox_prefix}.") and not set(reply) & set("*> \t\r\n")
