"""Attacks without a shell: what the process that was taken over is made to do itself."""

from attacks.attack import Attack


def inside(technique, title, words, told, *signs):
    """`words` are what the service's `within_worker` takes."""
    return Attack(
        technique,
        title,
        lambda service, replica: service.within_worker(replica, words),
        told,
        way="inside",
        signs=signs,
    )
