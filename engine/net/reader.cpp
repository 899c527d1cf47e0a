#include "net/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace audit::net {
namespace {

constexpr std::size_t least_room = 2'048;  // of one read: what comes behind saves another
constexpr std::size_t most_room = 16'384;  // many conversations wait at once, each with its room

std::size_t room_for(std::size_t wanted) { return std::clamp(wanted, least_room, most_room); }

}  // namespace

awaitable<Result<std::size_t>> Reader::fill(std::size_t wanted, Instant deadline) {
  std::string bytes(room_for(wanted), '\0');  // `pending_` may be looked at meanwhile
  const std::span<char> room(bytes);
  Result<std::size_t> got = co_await stream_.read_some(room, deadline);
  if (!got) co_return got;
  bytes.resize(*got);
  if (pending_.empty()) {
    pending_ = std::move(bytes);
  } else {
    pending_ += bytes;
  }
  co_return got;
}

std::string Reader::take(std::size_t count) {
  if (count == pending_.size()) return std::exchange(pending_, {});
  std::string bytes = pending_.substr(0, count);
  pending_.erase(0, count);
  return bytes;
}

awaitable<Result<std::string>> Reader::read_some(std::size_t most, Instant deadline) {
  if (!pending_.empty()) co_return take(std::min(most, pending_.size()));
  std::string bytes(room_for(most), '\0');
  const std::span<char> room(bytes);
  const Result<std::size_t> got = co_await stream_.read_some(room, deadline);
  if (!got) co_return got.error();
  bytes.resize(*got);
  if (bytes.size() <= most) co_return bytes;
  pending_ += bytes;
  co_return take(most);
}

awaitable<Result<std::string>> Reader::read_exactly(std::size_t count, Instant deadline) {
  while (pending_.size() < count) {
    const Result<std::size_t> got = co_await fill(count - pending_.size(), deadline);
    if (!got) co_return got.error();
  }
  co_return take(count);
}

awaitable<Result<std::string>> Reader::read_until(std::string delimiter, std::size_t cap, Instant deadline) {
  std::size_t searched = 0;
  while (true) {
    const std::size_t found = pending_.find(delimiter, searched);
    if (found != std::string::npos && found + delimiter.size() <= cap) co_return take(found + delimiter.size());
    if (pending_.size() >= cap)
      co_return Error(Reason::truncated, fmt::format("{}: no end of the line or message within {} bytes",
                                                     format_endpoint(stream_.remote()), cap));
    searched = pending_.size() < delimiter.size() ? 0 : pending_.size() - delimiter.size() + 1;
    const Result<std::size_t> got = co_await fill(pending_.size(), deadline);  // twice as much, while it does not end
    if (!got) co_return got.error();
  }
}

awaitable<Result<std::string>> Reader::read_line(std::size_t cap, Instant deadline) {
  std::string newline(1, '\n');
  Result<std::string> line = co_await read_until(std::move(newline), cap, deadline);
  if (!line) co_return line;
  line->pop_back();
  if (!line->empty() && line->back() == '\r') line->pop_back();
  co_return line;
}

}  // namespace audit::net
