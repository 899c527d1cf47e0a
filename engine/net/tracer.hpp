#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

  /// `whom` is an endpoint, as in "tcp/10.0.0.1:22", or what else was asked.
  void line(WallTime when, std::string_view kind, std::string_view whom, const std::string& text);

  /// One direction of one conversation.
  class Direction {
   public:
    Direction(Tracer& tracer, std::string whom, char arrow) : tracer_(tracer), whom_(std::move(whom)), arrow_(arrow) {}
    void add(std::string_view bytes);
    /// No more will come: what was held back, for it might be the beginning of a secret, is written.
    void end();
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

   private:
    void write(std::string_view bytes);

    Tracer& tracer_;
    std::string whom_;
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
