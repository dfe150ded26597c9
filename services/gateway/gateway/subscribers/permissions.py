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
    """The subjects of a subscriber. It requests events at `read_subject`, stores its position at `commit_subject`, and
    receives replies below `inbox_prefix`; `filter_subject` selects its events in the stream."""

    filter_subject: str
    read_subject: str
    commit_subject: str
    inbox_prefix: str

    @classmethod
    def of(cls, subscriber_id: str, project_id: str) -> "SubscriberAccess":
        """The subjects of a subscriber of a project."""
        return cls(
            filter_subject=AnnotationChanged.pattern().removesuffix("*") + project_id,
            read_subject=f"events.{subscriber_id}.read",
            commit_subject=f"events.{subscriber_id}.commit",
            inbox_prefix=f"_INBOX.{subscriber_id}",
        )

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
