"""The autoscalers follow queues and Deployments that exist, and never two one Deployment."""

from typing import Any

from common.contract.events import JOBS
from common.contract.services import SERVICES
from common.messaging.topology import CONSUMERS, streams
from deploy.k8s.nats_access import access
from tests.deploy.rendered import deployments, of_kind

SCALED_BY_QUEUE = of_kind("production", "ScaledObject")
SCALED_BY_CPU = of_kind("production", "HorizontalPodAutoscaler")


def triggers(name: str) -> list[dict[str, Any]]:
    return [trigger["metadata"] for trigger in SCALED_BY_QUEUE[name]["spec"]["triggers"]]


def test_every_service_has_exactly_one_autoscaler() -> None:
    targets = [
        *(scaled["spec"]["scaleTargetRef"]["name"] for scaled in SCALED_BY_QUEUE.values()),
        *(scaled["spec"]["scaleTargetRef"]["name"] for scaled in SCALED_BY_CPU.values()),
    ]

    assert sorted(targets) == sorted(SERVICES)


def test_an_apply_keeps_the_autoscaled_replicas() -> None:
    assert all("replicas" not in deployment["spec"] for deployment in deployments("production").values())


def test_every_queue_of_a_scaled_service_is_watched_by_consumer_name() -> None:
    for service in SCALED_BY_QUEUE:
        declared = {
            (consumer.stream, consumer.durable)
            for consumer in CONSUMERS
            if consumer.by == service and consumer.event in JOBS
        }
        assert {(trigger["stream"], trigger["consumer"]) for trigger in triggers(service)} == declared


def test_the_streams_and_the_account_exist() -> None:
    known = {stream.name for stream in streams()}

    for service in SCALED_BY_QUEUE:
        assert triggers(service)
        for trigger in triggers(service):
            assert trigger["stream"] in known
            assert trigger["account"] in access()["accounts"]


def test_a_service_that_answers_questions_never_goes_to_zero() -> None:
    for scaled in SCALED_BY_QUEUE.values():
        assert 1 <= scaled["spec"]["minReplicaCount"] < scaled["spec"]["maxReplicaCount"]


def test_cpu_is_requested_where_it_is_measured() -> None:
    for name in SCALED_BY_CPU:
        (app,) = deployments("production")[name]["spec"]["template"]["spec"]["containers"]
        assert app["resources"]["requests"]["cpu"]
