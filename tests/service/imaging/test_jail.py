"""A picture's process can reach nothing: each wall is tried from inside, alone and together."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.imaging import ImagingError, Jail, NotJailed, Refusal, Sandbox
from service.imaging.jail.seccomp import Filter
from service.imaging.jail.walls import Wall
from tests.service.imaging.asking import reason, works
from tests.service.imaging.behaving import NO_LANDLOCK, NO_SECCOMP, UNWALLED, with_behaviour

DONE, STOPPED = Refusal.VIDEO, Refusal.EMPTY
"""Two refusals that no such picture gets: they carry the news out."""


def tried(attempt: str, *, before: str = "") -> Refusal:
    """What became of an attempt that a picture makes."""
    behaviour = f"""    try:
        {attempt}
    except (OSError, ImportError, ValueError):
        raise ImagingError(Refusal.{STOPPED.name})
    raise ImagingError(Refusal.{DONE.name})"""
    with Sandbox(command=with_behaviour(behaviour, before=before)) as sandbox:
        return reason(sandbox)


FILES = {
    "read a file": "os.open('/etc/passwd', os.O_RDONLY)",
    "read this very program": "open(sys.executable, 'rb')",
    "list a folder": "os.listdir('/')",
    "make a file": "os.open('/dev/shm', os.O_TMPFILE | os.O_WRONLY)",
    "read what the kernel tells of its parent": "open(f'/proc/{os.getpid()}/environ', 'rb')",
    "import what is not imported yet": "import sqlite3",
    "start a program": "os.execv('/bin/true', ['true'])",
}
OTHERS = {
    "open a socket": "socket.socket()",
    "make a pair of sockets": "socket.socketpair()",
    "send by UDP": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
    "make a process": "os.fork()",
    "start a program in a process of its own": "subprocess.run(['/bin/true'])",
    "kill its parent": "os.kill(os.getppid() or 1, 9)",
    "make a pipe": "os.pipe()",
    "write anywhere": "os.write(1, b'x')",
    "make shared memory": "os.memfd_create('x')",
    "lift its own limits": "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))",
    "make memory that can be executed": "mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)",
    "change its owner": "os.setuid(65534)",
    "change its root": "os.chroot('/')",
    "see who else runs": "os.getpriority(os.PRIO_PROCESS, 1)",
}


@pytest.mark.parametrize("attempt", [*FILES.values(), *OTHERS.values()], ids=[*FILES, *OTHERS])
def test_a_picture_reaches_nothing(attempt: str) -> None:
    assert tried(attempt) is STOPPED


@pytest.mark.parametrize("attempt", FILES.values(), ids=FILES)
@pytest.mark.parametrize("missing", [NO_LANDLOCK, NO_SECCOMP])
def test_no_file_is_opened_while_a_single_wall_stands(attempt: str, missing: str) -> None:
    assert tried(attempt, before=missing) is STOPPED


@pytest.mark.parametrize("attempt", [FILES["read a file"], OTHERS["open a socket"], OTHERS["make a pipe"]])
def test_without_walls_these_attempts_would_go_through(attempt: str) -> None:
    assert tried(attempt, before=UNWALLED) is DONE


def test_without_walls_no_file_is_written_all_the_same() -> None:
    write = "os.write(os.open('/dev/shm', os.O_TMPFILE | os.O_WRONLY), b'x')"
    assert tried(write, before=UNWALLED) in {STOPPED, Refusal.CRASHED}


@pytest.mark.parametrize(
    "loaded", ["threading.Thread(target=seen.append, args=(1,)).start()", "bytearray(200 << 20)", "time.sleep(0)"]
)
def test_what_a_decoder_needs_is_allowed(loaded: str) -> None:
    assert tried(loaded) is DONE


@pytest.mark.parametrize(
    ("missing", "jail"),
    [("", Jail.JAILED), (NO_LANDLOCK, Jail.PARTLY), (NO_SECCOMP, Jail.PARTLY), (UNWALLED, Jail.LIMITS_ONLY)],
)
def test_a_sandbox_knows_how_well_pictures_are_shut_in(missing: str, jail: Jail) -> None:
    with Sandbox(command=with_behaviour("", before=missing)) as sandbox:
        assert sandbox.jail() is jail
        assert len(sandbox.waiting) == 1
        assert works(sandbox)
        assert sandbox.jail() is jail


@pytest.mark.parametrize("missing", [NO_LANDLOCK, NO_SECCOMP, UNWALLED])
def test_where_the_jail_is_required_no_picture_is_opened_without_it(missing: str) -> None:
    with Sandbox(command=with_behaviour("", before=missing), required=True) as sandbox:
        with pytest.raises(NotJailed):
            sandbox.jail()
        assert reason(sandbox) is Refusal.CRASHED


def test_where_the_jail_is_required_and_stands_pictures_are_opened() -> None:
    with Sandbox(required=True) as sandbox:
        assert sandbox.jail() is Jail.JAILED
        assert works(sandbox)


def test_a_jail_that_cannot_be_built_is_a_crash() -> None:
    with Sandbox(command=("/no/such/interpreter",)) as sandbox, pytest.raises(ImagingError):
        sandbox.jail()


def test_every_wall_makes_the_jail_and_none_makes_limits_only() -> None:
    assert Jail.of(frozenset(Wall)) is Jail.JAILED
    assert {Jail.of(frozenset({wall})) for wall in Wall} == {Jail.PARTLY}
    assert Jail.of(frozenset()) is Jail.LIMITS_ONLY


# --- the filter, read as the kernel reads it ---------------------------------------------------------------------------

PROCESSORS = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
ALLOW, KILL = 0x7FFF0000, 0x80000000
DANGEROUS = {
    "x86_64": {
        "read": 0,
        "write": 1,
        "open": 2,
        "socket": 41,
        "fork": 57,
        "execve": 59,
        "kill": 62,
        "ptrace": 101,
        "openat": 257,
    },
    "aarch64": {"openat": 56, "read": 63, "write": 64, "ptrace": 117, "kill": 129, "socket": 198, "execve": 221},
}
MMAP = {"x86_64": 9, "aarch64": 222}
MPROTECT = {"x86_64": 10, "aarch64": 226}
CLONE = {"x86_64": 56, "aarch64": 220}
THREAD = 0x3D0F00
"""What the C library asks for a thread."""


def verdict(machine: str, number: int, *arguments: int, processor: int | None = None) -> int:
    """Run the filter as the kernel would."""
    code = Filter(machine).code
    call = struct.pack("=iIQ6Q", number, processor or PROCESSORS[machine], 0, *arguments, *[0] * (6 - len(arguments)))
    instructions = list(struct.iter_unpack("=HBBI", code))
    register, at = 0, 0
    while True:
        operation, then, otherwise, value = instructions[at]
        at += 1
        match operation:
            case 0x20:
                (register,) = struct.unpack_from("=I", call, value)
            case 0x15:
                at += then if register == value else otherwise
            case 0x45:
                at += then if register & value else otherwise
            case 0x35:
                at += then if register >= value else otherwise
            case _:
                assert operation == 0x06
                return int(value)


@pytest.mark.parametrize("machine", PROCESSORS)
def test_the_filter_fails_every_dangerous_call(machine: str) -> None:
    assert {verdict(machine, number) for number in DANGEROUS[machine].values()} == {0x00050001}


@pytest.mark.parametrize("machine", PROCESSORS)
def test_the_filter_lets_through_no_more_than_two_dozen_calls(machine: str) -> None:
    assert sum(verdict(machine, number) == ALLOW for number in range(1000)) < 25


@pytest.mark.parametrize("machine", PROCESSORS)
def test_memory_is_never_a_file_and_never_executable(machine: str) -> None:
    assert verdict(machine, MMAP[machine], 0, 4096, 0b011, 0x22) == ALLOW
    assert verdict(machine, MMAP[machine], 0, 4096, 0b111, 0x22) != ALLOW
    assert verdict(machine, MMAP[machine], 0, 4096, 0b011, 0x02) != ALLOW
    assert verdict(machine, MPROTECT[machine], 0, 4096, 0b001) == ALLOW
    assert verdict(machine, MPROTECT[machine], 0, 4096, 0b101) != ALLOW


@pytest.mark.parametrize("machine", PROCESSORS)
def test_a_thread_may_be_made_and_a_process_may_not(machine: str) -> None:
    assert verdict(machine, CLONE[machine], THREAD) == ALLOW
    assert verdict(machine, CLONE[machine], 17) != ALLOW
    assert verdict(machine, 435, THREAD) == 0x00050026


@pytest.mark.parametrize("machine", PROCESSORS)
def test_the_calls_of_another_processor_kill(machine: str) -> None:
    (other,) = PROCESSORS.keys() - {machine}
    assert verdict(machine, 39, processor=PROCESSORS[other]) == KILL
    assert verdict(machine, 39 | 0x40000000) == KILL
    assert verdict(machine, 39, processor=0x40000003) == KILL


@given(st.sampled_from(sorted(PROCESSORS)), st.integers(0, 2**31 - 1), st.lists(st.integers(0, 2**64 - 1), max_size=6))
def test_the_filter_answers_every_call(machine: str, number: int, arguments: list[int]) -> None:
    assert verdict(machine, number, *arguments) in {ALLOW, KILL, 0x00050001, 0x00050026}


def test_a_processor_that_is_not_known_has_no_filter() -> None:
    assert Filter("vax").code == b""
    assert not Filter("vax").holds()
