#include "inventory/command_output.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "base/text.hpp"

namespace audit::inventory {
namespace {

constexpr std::size_t most_complaint = 4'096;
constexpr std::size_t longest_shown = 200;

/// The reading and the writing end, both closed with it.
class Pipe {
 public:
  Pipe() { good_ = ::pipe2(ends_.data(), O_CLOEXEC) == 0; }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    shut(0);
    shut(1);
  }
  [[nodiscard]] bool good() const noexcept { return good_; }
  [[nodiscard]] int end(std::size_t which) const noexcept { return ends_[which]; }
  void shut(std::size_t which) {
    if (ends_[which] >= 0) ::close(ends_[which]);
    ends_[which] = -1;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
  bool good_ = false;
};

/// In the child: only what may be called between fork and exec.
[[noreturn]] void become(char* const* arguments, const char* folder, int out, int complaints, int why) {
  ::setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int nothing = ::open("/dev/null", O_RDONLY);
  const bool ready = nothing >= 0 && ::dup2(nothing, 0) >= 0 && ::dup2(out, 1) >= 0 && ::dup2(complaints, 2) >= 0 &&
                     (*folder == '\0' || ::chdir(folder) == 0);
  if (ready) ::execvp(arguments[0], arguments);
  const int number = errno;
  const ssize_t told = ::write(why, &number, sizeof number);
  ::_exit(told == sizeof number ? 127 : 126);
}

/// Reads what there is; false at the end of the stream.
bool drain(int from, std::string& into, std::size_t most) {
  std::array<char, std::size_t{1} << 16U> chunk{};
  const ssize_t count = ::read(from, chunk.data(), chunk.size());
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  const std::size_t room = most - std::min(most, into.size());
  into.append(chunk.data(), std::min(room, static_cast<std::size_t>(count)));
  return count > 0;
}

enum class End { ended, late, too_much };

End listen(Pipe& out, Pipe& complaints, std::string& bytes, std::string& complaint, Instant deadline,
           std::size_t most) {
  while (out.end(0) >= 0 || complaints.end(0) >= 0) {
    const Duration left = deadline - std::chrono::steady_clock::now();
    if (left <= Duration::zero()) return End::late;
    std::array<pollfd, 2> waiting{{{out.end(0), POLLIN, 0}, {complaints.end(0), POLLIN, 0}}};
    const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(left).count() + 1;
    if (::poll(waiting.data(), waiting.size(), static_cast<int>(wait)) < 0 && errno != EINTR) return End::late;
    if (waiting[0].revents != 0 && !drain(out.end(0), bytes, most + 1)) out.shut(0);
    if (waiting[1].revents != 0 && !drain(complaints.end(0), complaint, most_complaint)) complaints.shut(0);
    if (bytes.size() > most) return End::too_much;
  }
  return End::ended;
}

/// Until the program has ended; false where it had to be killed. Both pipes may be closed long before.
bool await_end(pid_t child, Instant deadline, int& status) {
  while (true) {
    const pid_t ended = ::waitpid(child, &status, WNOHANG);
    if (ended == child) return true;
    if (std::chrono::steady_clock::now() >= deadline) return false;
    constexpr int look_again_ms = 5;
    ::poll(nullptr, 0, look_again_ms);
  }
}

std::string first_line(std::string_view text) {
  const std::size_t begin = text.find_first_not_of("\r\n \t");
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin);
  return visible(text.substr(0, text.find_first_of("\r\n")), longest_shown);
}

}  // namespace

std::variant<std::string, Unreadable> output_of(const std::vector<std::string>& command, const std::string& folder,
                                                Duration timeout, std::size_t most) {
  Pipe out;
  Pipe complaints;
  Pipe why;
  if (!out.good() || !complaints.good() || !why.good())
    return Unreadable{fmt::format("cannot be run: {}", std::strerror(errno))};
  std::vector<std::string> words = command;
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const Instant deadline = std::chrono::steady_clock::now() + timeout;
  const pid_t child = ::fork();
  if (child < 0) return Unreadable{fmt::format("cannot be run: {}", std::strerror(errno))};
  if (child == 0) become(arguments.data(), folder.c_str(), out.end(1), complaints.end(1), why.end(1));
  ::setpgid(child, child);
  out.shut(1);
  complaints.shut(1);
  why.shut(1);
  std::string bytes;
  std::string complaint;
  End end = listen(out, complaints, bytes, complaint, deadline, most);
  int status = 0;
  if (end != End::ended || !await_end(child, deadline, status)) {
    if (end == End::ended) end = End::late;
    ::kill(-child, SIGKILL);
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  }
  if (end == End::late) return Unreadable{fmt::format("did not end within {}", format_duration(timeout))};
  if (end == End::too_much) return Unreadable{fmt::format("printed more than {} MiB", most >> 20U)};
  int number = 0;
  if (::read(why.end(0), &number, sizeof number) == sizeof number)
    return Unreadable{fmt::format("cannot be run: {}", std::strerror(number))};
  const std::string said = first_line(complaint);
  const std::string also = said.empty() ? "" : fmt::format("; it said: {}", said);
  if (WIFSIGNALED(status)) return Unreadable{fmt::format("was killed by signal {}{}", WTERMSIG(status), also)};
  if (WEXITSTATUS(status) != 0) return Unreadable{fmt::format("ended with {}{}", WEXITSTATUS(status), also)};
  return bytes;
}

}  // namespace audit::inventory
