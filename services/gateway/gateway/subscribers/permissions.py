"""What an ML platform may do on NATS: follow the annotation events of one project, nothing else."""

from dataclasses import dataclass

from common.contract.events import AnnotationChanged

STREAM = AnnotationChanged.stream


@dataclass(frozen=True, slots=True)
class Grant:
    """The durable consumer of one subscriber, and the subjects its NATS user needs for it."""

    subscriber_id: str
    project_id: str

    @property
    def durable(self) -> str:
        """The consumer's name on the server."""
        return self.subscriber_id

    @property
    def filter_subject(self) -> str:
        """The only subject that the consumer may be made for."""
        return AnnotationChanged.pattern().removesuffix("*") + self.project_id

    @property
    def inbox_prefix(self) -> str:
        """Where answers to this user go."""
        return f"_INBOX_{self.subscriber_id}"

    @property
    def publish(self) -> list[str]:
        """Its own consumer: make it (with the filter as a part of the subject, so that the server checks it), look at
        it, read it, delete it to start again elsewhere."""
        name = f"{STREAM}.{self.durable}"
        return [
            f"$JS.API.CONSUMER.CREATE.{name}.{self.filter_subject}",
            f"$JS.API.CONSUMER.INFO.{name}",
            f"$JS.API.CONSUMER.DELETE.{name}",
            f"$JS.API.CONSUMER.MSG.NEXT.{name}",
            f"$JS.ACK.{name}.>",
        ]

    @property
    def subscribe(self) -> list[str]:
        """Its own answers."""
        return [f"{self.inbox_prefix}.>"]
