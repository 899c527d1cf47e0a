#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/ports.hpp"
#include "base/time.hpp"

namespace audit::net {

/// Writes down what goes over the wire: a line a probe, and with Detail::bytes what was said, in hexadecimal. Secrets that
/// it was told of are written as asterisks, also where they come in pieces. One for the run; any thread.
class Tracer {
 public:
  enum class Detail : std::uint8_t { lines, bytes };
  using Write = std::function<void(const std::string& lines)>;

  Tracer(Detail detail, Write write) : detail_(detail), write_(std::move(write)) {}
  /// Before anything is traced; shorter than 4 bytes it stands in every text, and is left alone.
  void hide(std::string secret);

  void line(WallTime when, std::string_view kind, const Endpoint& endpoint, const std::string& text);

  /// One direction of one conversation.
  class Direction {
   public:
    Direction(Tracer& tracer, Endpoint endpoint, char arrow) : tracer_(tracer), endpoint_(endpoint), arrow_(arrow) {}
    void add(std::string_view bytes);
    /// No more will come: what was held back, for it might be the beginning of a secret, is written.
    void end();
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

   private:
    void write(std::string_view bytes);

    Tracer& tracer_;
    Endpoint endpoint_;
    char arrow_;
    std::uint64_t count_ = 0;
    std::uint64_t written_ = 0;
    std::string held_;
  };

 private:
  Detail detail_;
  Write write_;
  std::vector<std::string> secrets_;
  std::mutex writing_;
};

/// "0.31 ms".
[[nodiscard]] std::string trace_milliseconds(Duration duration);

}  // namespace audit::net
