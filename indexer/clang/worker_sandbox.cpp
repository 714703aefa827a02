#include "indexer/clang/worker_sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "core/file_descriptor.h"

namespace engram {

namespace {

Error refused(const char* what) {
  return {Errc::kDevice, std::string("the worker's sandbox: ") + what + ": " + strerror(errno)};
}

// --- files --------------------------------------------------------------------------------------

// Every right that a kernel of this version can take away.
std::uint64_t file_rights(long version) {
  std::uint64_t rights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;  // version 1: thirteen
  if (version >= 2) rights |= std::uint64_t{1} << 13;             // REFER
  if (version >= 3) rights |= std::uint64_t{1} << 14;             // TRUNCATE
  if (version >= 5) rights |= std::uint64_t{1} << 15;             // IOCTL_DEV
  return rights;
}

Result<bool> confine_files(const std::vector<std::string>& roots) {
  const long version =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return false;
  landlock_ruleset_attr attributes{};
  attributes.handled_access_fs = file_rights(version);
  const FileDescriptor rules(
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0)));
  if (rules.get() < 0) return refused("landlock_create_ruleset");
  for (const std::string& root : roots) {
    const FileDescriptor folder(::open(root.c_str(), O_PATH | O_CLOEXEC | O_DIRECTORY));
    if (folder.get() < 0) continue;  // not there: nothing to read
    landlock_path_beneath_attr rule{};
    rule.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
    rule.parent_fd = folder.get();
    if (::syscall(SYS_landlock_add_rule, rules.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) {
      return refused("landlock_add_rule");
    }
  }
  if (::syscall(SYS_landlock_restrict_self, rules.get(), 0) != 0) {
    return refused("landlock_restrict_self");
  }
  return true;
}

// --- system calls -------------------------------------------------------------------------------

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "the worker's sandbox knows no system calls for this architecture"
#endif

// What parsing needs: reading, memory, threads of its own, time, and being told who it is.
constexpr int kAllowed[] = {
    SYS_read,
    SYS_pread64,
    SYS_readv,
    SYS_write,
    SYS_writev,
    SYS_close,
    SYS_fstat,
    SYS_newfstatat,
    SYS_statx,
    SYS_lseek,
    SYS_getdents64,
    SYS_faccessat,
    SYS_faccessat2,
    SYS_readlinkat,
    SYS_getcwd,
    SYS_ppoll,
    SYS_fadvise64,
    SYS_fcntl,
    SYS_dup,
    SYS_statfs,
    SYS_fstatfs,
#ifdef SYS_stat
    SYS_stat,
    SYS_lstat,
    SYS_access,
    SYS_readlink,
    SYS_poll,
    SYS_alarm,
    SYS_time,
    SYS_arch_prctl,
#endif
    SYS_mmap,
    SYS_mprotect,
    SYS_munmap,
    SYS_mremap,
    SYS_madvise,
    SYS_brk,
    SYS_futex,
    SYS_set_robust_list,
    SYS_set_tid_address,
    SYS_rseq,
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_sigaltstack,
    SYS_setitimer,
    SYS_exit,
    SYS_exit_group,
    SYS_getpid,
    SYS_gettid,
    SYS_getuid,
    SYS_geteuid,
    SYS_getgid,
    SYS_getegid,
    SYS_clock_gettime,
    SYS_clock_getres,
    SYS_gettimeofday,
    SYS_clock_nanosleep,
    SYS_nanosleep,
    SYS_getrusage,
    SYS_getrandom,
    SYS_uname,
    SYS_sysinfo,
    SYS_restart_syscall,
    SYS_membarrier,
};

class FilterBuilder {
 public:
  void load(std::uint32_t offset) { add(BPF_LD | BPF_W | BPF_ABS, offset); }
  void answer(std::uint32_t action) { add(BPF_RET | BPF_K, action); }
  // The next `skip` instructions are left out unless the loaded word equals `value`.
  void unless_equal(std::uint32_t value, std::uint8_t skip) {
    program_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip));
  }
  void unless_any_bit(std::uint32_t bits, std::uint8_t skip) {
    program_.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, skip));
  }
  void allow(int call) {
    unless_equal(static_cast<std::uint32_t>(call), 1);
    answer(SECCOMP_RET_ALLOW);
  }
  // `call` is allowed when argument `index` has none of `forbidden`.
  void allow_without(int call, unsigned index, std::uint32_t forbidden) {
    unless_equal(static_cast<std::uint32_t>(call), 4);
    load(argument(index));
    unless_any_bit(forbidden, 1);
    answer(kRefuse);
    answer(SECCOMP_RET_ALLOW);
  }
  // `call` is allowed when argument `index` has all of `required` (one bit).
  void allow_with(int call, unsigned index, std::uint32_t required) {
    unless_equal(static_cast<std::uint32_t>(call), 4);
    load(argument(index));
    unless_any_bit(required, 1);
    answer(SECCOMP_RET_ALLOW);
    answer(kRefuse);
  }
  // `call` is allowed when argument `index` is one of two values.
  void allow_either(int call, unsigned index, std::uint32_t one, std::uint32_t other) {
    unless_equal(static_cast<std::uint32_t>(call), 6);
    load(argument(index));
    unless_equal(one, 1);
    answer(SECCOMP_RET_ALLOW);
    unless_equal(other, 1);
    answer(SECCOMP_RET_ALLOW);
    answer(kRefuse);
  }
  void allow_on(int call, std::uint32_t target) {  // when argument 0 is that
    unless_equal(static_cast<std::uint32_t>(call), 4);
    load(argument(0));
    unless_equal(target, 1);
    answer(SECCOMP_RET_ALLOW);
    answer(kRefuse);
  }
  void refuse(int call, std::uint32_t error) {
    unless_equal(static_cast<std::uint32_t>(call), 1);
    answer(SECCOMP_RET_ERRNO | error);
  }

  static constexpr std::uint32_t kRefuse = SECCOMP_RET_ERRNO | EPERM;
  std::vector<sock_filter>& program() { return program_; }

 private:
  static std::uint32_t argument(unsigned index) {  // its low half: little-endian machines
    return static_cast<std::uint32_t>(offsetof(seccomp_data, args)) + 8 * index;
  }
  void add(int code, std::uint32_t value) {
    program_.push_back(BPF_STMT(static_cast<std::uint16_t>(code), value));
  }
  std::vector<sock_filter> program_;
};

// fork() of the C library; nothing is shared with the copy.
constexpr std::uint32_t kForkFlags = CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | SIGCHLD;
// A thread's, as pthread_create() asks for it.
constexpr std::uint32_t kThreadFlags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
                                       CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS |
                                       CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;

std::vector<sock_filter> system_call_filter(Processes processes) {
  constexpr std::uint32_t kWriting =
      O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY);
  FilterBuilder filter;
  filter.load(offsetof(seccomp_data, arch));
  filter.unless_equal(kArchitecture, 1);
  filter.program().push_back(BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0));
  filter.answer(SECCOMP_RET_KILL_PROCESS);  // a 32-bit call has other numbers
  filter.load(offsetof(seccomp_data, nr));
  for (const int call : kAllowed) filter.allow(call);
  filter.allow_without(SYS_openat, 2, kWriting);
#ifdef SYS_open
  filter.allow_without(SYS_open, 1, kWriting);
#endif
  if (processes == Processes::kNone) {
    filter.allow_with(SYS_clone, 0, CLONE_THREAD);  // deep recursion goes on in a second thread
  } else {
    filter.allow_either(SYS_clone, 0, kForkFlags, kThreadFlags);
    filter.allow(SYS_wait4);
    filter.allow(SYS_pipe2);
    filter.allow(SYS_getppid);
    filter.allow_on(SYS_prctl, PR_SET_PDEATHSIG);
    filter.allow(SYS_seccomp);  // can but forbid more
  }
  filter.allow_on(SYS_prlimit64, 0);                                    // its own limits
  filter.allow_on(SYS_tgkill, static_cast<std::uint32_t>(::getpid()));  // abort()
  filter.refuse(SYS_clone3, ENOSYS);   // its flags lie in memory; the C library falls back to clone
  filter.refuse(SYS_openat2, ENOSYS);  // likewise
  filter.answer(FilterBuilder::kRefuse);
  return std::move(filter.program());
}

Result<void> confine_system_calls(std::vector<sock_filter> program) {
  sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) != 0) return refused("seccomp");
  return {};
}

void limit(__rlimit_resource resource, rlim_t value) {
  const rlimit both{value, value};
  ::setrlimit(resource, &both);
}

}  // namespace

Result<SandboxState> enter_sandbox(const std::vector<std::string>& roots,
                                   std::uint64_t memory_bytes, Processes processes) {
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, 0);
#ifndef ENGRAM_SANITIZED  // ASan's shadow alone takes terabytes of addresses
  if (memory_bytes > 0) limit(RLIMIT_AS, memory_bytes);
#else
  static_cast<void>(memory_bytes);
#endif
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refused("no_new_privs");
  ENGRAM_TRY(files_by_kernel, confine_files(roots));
  ENGRAM_TRY_VOID(confine_system_calls(system_call_filter(processes)));
  return SandboxState{files_by_kernel};
}

// A second filter: the stricter of two holds.
Result<void> give_up_processes() {
  FilterBuilder filter;
  filter.load(offsetof(seccomp_data, nr));
  filter.allow_with(SYS_clone, 0, CLONE_THREAD);
  for (const int call : {SYS_wait4, SYS_pipe2, SYS_prctl, SYS_seccomp}) {
    filter.refuse(call, EPERM);
  }
  filter.answer(SECCOMP_RET_ALLOW);
  return confine_system_calls(std::move(filter.program()));
}

void limit_time(std::uint32_t seconds, std::uint32_t stretch) {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  rlimit time{};
  ::getrlimit(RLIMIT_CPU, &time);
  time.rlim_cur = static_cast<rlim_t>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + 1 + seconds;
  ::setrlimit(RLIMIT_CPU, &time);
  ::alarm(seconds * 10 * stretch);
}

}  // namespace engram
