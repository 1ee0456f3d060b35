"""What each remedy declares that it calls, by its name on the command line."""

from __future__ import annotations

from collections.abc import Mapping

from mangaops.remedy.actions.cache.invalidate_cache import InvalidateCacheRemedy
from mangaops.remedy.actions.ecs.restart_service import RestartServiceRemedy
from mangaops.remedy.actions.ecs.scale_out import ScaleOutRemedy
from mangaops.remedy.actions.ecs.set_env import SetEnvRemedy
from mangaops.remedy.actions.parameters.set_parameter import SetParameterRemedy
from mangaops.remedy.actions.prompts.rollback_prompt import RollbackPromptRemedy
from mangaops.remedy.actions.quotas.request_quota import RequestQuotaRemedy
from mangaops.remedy.actions.search.prewarm_search import PrewarmSearchRemedy
from mangaops.remedy.actions.search.raise_ocu import RaiseOcuRemedy
from mangaops.remedy.actions.streams.enable_invalidation import EnableInvalidationRemedy

_CLASSES = {
    "rollback-prompt": RollbackPromptRemedy,
    "invalidate-cache": InvalidateCacheRemedy,
    "raise-ocu": RaiseOcuRemedy,
    "scale-out": ScaleOutRemedy,
    "set-env": SetEnvRemedy,
    "restart-service": RestartServiceRemedy,
    "set-parameter": SetParameterRemedy,
    "route": SetParameterRemedy,
    "flash-sale-mode": SetParameterRemedy,
    "prewarm-search": PrewarmSearchRemedy,
    "enable-invalidation": EnableInvalidationRemedy,
    "request-quota": RequestQuotaRemedy,
}
DECLARED: Mapping[str, tuple[str, ...]] = {
    name: (*made.reads, *made.writes) for name, made in _CLASSES.items()
}
