import cProfile, pstats, time, structlog
from tests.service.api.test_protected import *
def test_p(settle, monkeypatch):
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    of=settle(); protected(of)
    t=time.perf_counter(); c=time.process_time()
    pr=cProfile.Profile(); pr.enable()
    told=a_day(of, monkeypatch)
    pr.disable()
    print(len(told.lines), time.perf_counter()-t, time.process_time()-c)
    pstats.Stats(pr).sort_stats("tottime").print_stats(15)
    pstats.Stats(pr).sort_stats("cumtime").print_stats(30)
    structlog.reset_defaults()
