#include "cli/watch_progress.hpp"

#include <fmt/format.h>

#include <charconv>
#include <limits>

namespace audit::cli {
namespace {

/// Numbers and bytes one behind the other, each with its length before it.
class Writer {
 public:
  void put(std::string_view bytes) { text_ += fmt::format("{}:{}", bytes.size(), bytes); }
  void put(std::uint64_t number) { put(fmt::format("{}", number)); }
  void put(Duration duration) { put(fmt::format("{}", duration.count())); }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  std::string bytes() {
    std::size_t size = 0;
    const auto [end, wrong] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), size);
    const auto digits = static_cast<std::size_t>(end - rest_.data());
    if (wrong != std::errc() || digits >= rest_.size() || *end != ':' || size > rest_.size() - digits - 1) {
      good_ = false;
      return {};
    }
    std::string read(rest_.substr(digits + 1, size));
    rest_.remove_prefix(digits + 1 + size);
    return read;
  }
  template <class Number>
  Number number(std::uint64_t most = std::numeric_limits<Number>::max()) {
    const std::string text = bytes();
    Number read{};
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), read);
    if (wrong != std::errc() || end != text.data() + text.size() || static_cast<std::uint64_t>(read) > most)
      good_ = false;
    return good_ ? read : Number{};
  }
  Duration duration() { return Duration(number<std::int64_t>()); }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool at_end() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

std::string WatchProgress::written() const {
  Writer writer;
  writer.put(start.time_since_epoch());
  for (const std::uint64_t count : {number, rounds, skipped}) writer.put(count);
  writer.put(states.things().size());
  for (const auto& [key, state] : states.things()) {
    writer.put(static_cast<std::uint64_t>(key.kind));
    for (const std::string* text : {&key.target, &key.name, &state.state(), &state.other()}) writer.put(*text);
    writer.put(std::uint64_t{state.times()});
  }
  writer.put(trips.size());
  for (const auto& [target, trip] : trips) {
    writer.put(target);
    writer.put(trip.sent);
    writer.put(trip.received);
    for (const Duration duration : {trip.least, trip.most, trip.sum}) writer.put(duration);
  }
  return writer.take();
}

bool WatchProgress::read(std::string_view text) {
  Reader reader(text);
  start = Instant(reader.duration());
  for (std::uint64_t* count : {&number, &rounds, &skipped}) *count = reader.number<std::uint64_t>();
  for (auto left = reader.number<std::uint64_t>(); reader.good() && left > 0; --left) {
    WatchKey key;
    key.kind = static_cast<Watched>(reader.number<std::uint32_t>(static_cast<std::uint64_t>(Watched::check)));
    key.target = reader.bytes();
    key.name = reader.bytes();
    std::string state = reader.bytes();
    std::string other = reader.bytes();
    const auto times = reader.number<std::uint32_t>();
    states.restore(std::move(key), WatchState(std::move(state), std::move(other), times));
  }
  for (auto left = reader.number<std::uint64_t>(); reader.good() && left > 0; --left) {
    RoundTrips& trip = trips[reader.bytes()];
    trip.sent = reader.number<std::uint64_t>();
    trip.received = reader.number<std::uint64_t>();
    for (Duration* duration : {&trip.least, &trip.most, &trip.sum}) *duration = reader.duration();
  }
  return reader.at_end();
}

}  // namespace audit::cli
