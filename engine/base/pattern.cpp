#include "base/pattern.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace audit {
namespace {

// What goes over many bytes at once counts less than a step a byte.
constexpr std::size_t scanned_a_step = 8;
constexpr std::size_t compared_a_step = 64;
constexpr std::size_t read_a_step = 4;  // of a set

std::uint64_t steps_for(const char* from, const char* to, std::size_t a_step) noexcept {
  return static_cast<std::size_t>(to - from) / a_step;
}

constexpr std::array<const char*, 10> bad_indices{
    "invalid capture index %0", "invalid capture index %1", "invalid capture index %2", "invalid capture index %3",
    "invalid capture index %4", "invalid capture index %5", "invalid capture index %6", "invalid capture index %7",
    "invalid capture index %8", "invalid capture index %9"};

}  // namespace

// The arrays at the end are left as they are: what is read of them was written before.
// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
PatternMatcher::PatternMatcher(std::string_view subject, std::string_view pattern, Caret caret) noexcept
    : subject_(subject.data()), subject_end_(subject.data() + subject.size()), pattern_(pattern.data()),
      pattern_end_(pattern.data() + pattern.size()), anchored_(caret == Caret::anchors && pattern.starts_with('^')) {
  if (anchored_)
    ++pattern_;
  else
    find_lead();
}

void PatternMatcher::seek(const char* from, const char* refused_end) noexcept {
  start_ = from;
  refused_ = refused_end;
  underway_ = false;
}

std::uint64_t PatternMatcher::take_steps() noexcept { return std::exchange(steps_, 0); }

PatternMatcher::Outcome PatternMatcher::run(std::uint64_t steps) noexcept {
  const std::uint64_t limit = steps_ + steps;
  if (!underway_ && !begin_attempt()) return Outcome::failed;
  underway_ = true;
  while (steps_ < limit) {
    ++steps_;
    Step step = match_item();
    if (step == Step::done && at_ == refused_) {
      if (!next_attempt()) return Outcome::failed;
      continue;
    }
    switch (step) {
      case Step::on: break;
      case Step::back:
        if (!go_back() && !next_attempt()) return Outcome::failed;
        break;
      case Step::done: return Outcome::matched;
      case Step::mistaken: return Outcome::mistaken;
    }
  }
  return Outcome::paused;
}

/// Looks for the item that each match begins with, so that attempts which cannot succeed are skipped. A pattern that is
/// mistaken there has none: the first attempt says so.
void PatternMatcher::find_lead() noexcept {
  const char* item = pattern_;
  for (std::size_t opened = 0; pattern_at(item) == '(' && opened < most_captures; ++opened) ++item;
  if (item == pattern_end_) return;
  switch (*item) {
    case '(':
    case ')': return;
    case '$':
      if (item + 1 == pattern_end_) return;
      break;
    case '%': {
      const char escape = pattern_at(item + 1);
      if (escape == 'b' || escape == 'f' || (escape >= '0' && escape <= '9')) return;
      break;
    }
    default: break;
  }
  Single single;  // NOLINT(cppcoreguidelines-pro-type-member-init): read_single fills it
  if (!read_single(item, single)) return;
  const char suffix = pattern_at(single.end);
  if (suffix == '*' || suffix == '?' || suffix == '-') return;
  lead_ = single.set != nullptr ? Lead::set : Lead::byte;
  lead_byte_ = single.byte;
  if (single.set != nullptr) lead_set_ = *single.set;  // a kept set may have to go
}

const char* PatternMatcher::skip_to_lead(const char* from) noexcept {
  const char* found = from;
  if (lead_ == Lead::set) {
    while (found < subject_end_ && !lead_set_.has(*found)) ++found;
    steps_ += steps_for(from, found, scanned_a_step);
    return found;
  }
  if (from == subject_end_) return from;
  const void* place = std::memchr(from, lead_byte_, static_cast<std::size_t>(subject_end_ - from));
  found = place == nullptr ? subject_end_ : static_cast<const char*>(place);
  steps_ += steps_for(from, found, compared_a_step);
  return found;
}

bool PatternMatcher::begin_attempt() noexcept {
  if (lead_ != Lead::none) {
    start_ = skip_to_lead(start_);
    if (start_ == subject_end_) return false;
  }
  at_ = start_;
  next_ = pattern_;
  level_ = 0;
  depth_ = 0;
  return true;
}

bool PatternMatcher::next_attempt() noexcept {
  if (anchored_ || start_ == subject_end_) return false;
  ++start_;
  return begin_attempt();
}

bool PatternMatcher::go_back() noexcept {
  for (; depth_ > 0; --depth_) {
    Frame& frame = frames_[depth_ - 1];
    switch (frame.kind) {
      case Frame::Kind::opened: --level_; break;
      case Frame::Kind::closed: captures_[frame.capture].length = Capture::open; break;
      case Frame::Kind::optional:
        --depth_;
        at_ = frame.at;
        next_ = frame.item;
        return true;
      case Frame::Kind::greedy:
        if (frame.most == frame.at) break;
        at_ = --frame.most;
        next_ = frame.item;
        return true;
      case Frame::Kind::lazy: {
        Single single;  // NOLINT(cppcoreguidelines-pro-type-member-init): it could be read when the frame was made
        read_single(frame.item, single);
        if (frame.at == subject_end_ || !single.has(*frame.at)) break;
        at_ = ++frame.at;
        next_ = single.end + 1;
        return true;
      }
    }
  }
  return false;
}

PatternMatcher::Step PatternMatcher::match_item() noexcept {
  if (next_ == pattern_end_) return Step::done;
  switch (*next_) {
    case '(': return open_capture();
    case ')': return close_capture();
    case '%': return match_escape(pattern_at(next_ + 1));
    case '$':
      if (next_ + 1 != pattern_end_) return match_single();
      return at_ == subject_end_ ? Step::done : Step::back;
    default: return match_single();
  }
}

PatternMatcher::Step PatternMatcher::match_escape(char escape) noexcept {
  if (escape == 'b') return match_balance();
  if (escape == 'f') return match_frontier();
  if (escape >= '0' && escape <= '9') return match_back_reference(escape);
  return match_single();
}

PatternMatcher::Step PatternMatcher::match_single() noexcept {
  Single single;  // NOLINT(cppcoreguidelines-pro-type-member-init): read_single fills it
  if (!read_single(next_, single)) return Step::mistaken;
  const bool fits = at_ != subject_end_ && single.has(*at_);
  switch (pattern_at(single.end)) {
    case '?':
      next_ = single.end + 1;
      if (!fits) return Step::on;
      ++at_;
      return push(Frame::Kind::optional, at_ - 1, nullptr, next_);
    case '-': {
      const char* item = next_;
      next_ = single.end + 1;
      return push(Frame::Kind::lazy, at_, nullptr, item);
    }
    case '+':
      if (!fits) return Step::back;
      ++at_;
      [[fallthrough]];
    case '*': {
      const char* least = at_;
      at_ = run_of(single, least);
      next_ = single.end + 1;
      return push(Frame::Kind::greedy, least, at_, next_);
    }
    default:
      if (!fits) return Step::back;
      ++at_;
      next_ = single.end;
      return Step::on;
  }
}

PatternMatcher::Step PatternMatcher::match_balance() noexcept {
  if (pattern_end_ - next_ < 4) return refuse("malformed pattern (missing arguments to '%b')");
  const char opens = next_[2];
  const char closes = next_[3];
  if (at_ == subject_end_ || *at_ != opens) return Step::back;
  std::size_t nested = 1;
  const char* place = at_ + 1;
  for (; place < subject_end_; ++place) {
    if (*place == closes) {
      if (--nested == 0) break;
    } else if (*place == opens) {
      ++nested;
    }
  }
  steps_ += steps_for(at_, place, scanned_a_step);
  if (place == subject_end_) return Step::back;
  at_ = place + 1;
  next_ += 4;
  return Step::on;
}

PatternMatcher::Step PatternMatcher::match_frontier() noexcept {
  if (pattern_at(next_ + 2) != '[') return refuse("missing '[' after '%f' in pattern");
  const ReadSet* read = find_set(next_ + 2);
  if (read == nullptr) return Step::mistaken;
  const char before = at_ == subject_ ? '\0' : at_[-1];
  const char after = at_ == subject_end_ ? '\0' : *at_;
  if (read->set.has(before) || !read->set.has(after)) return Step::back;
  next_ = read->end;
  return Step::on;
}

PatternMatcher::Step PatternMatcher::match_back_reference(char digit) noexcept {
  const std::size_t number = static_cast<std::size_t>(digit - '0');
  if (number == 0 || number > level_ || captures_[number - 1].length == Capture::open)
    return refuse(bad_indices[number]);
  const Capture& capture = captures_[number - 1];
  if (capture.length == Capture::position || subject_end_ - at_ < capture.length) return Step::back;
  const auto length = static_cast<std::size_t>(capture.length);
  steps_ += length / compared_a_step;
  if (length != 0 && std::memcmp(capture.begin, at_, length) != 0) return Step::back;
  at_ += length;
  next_ += 2;
  return Step::on;
}

PatternMatcher::Step PatternMatcher::open_capture() noexcept {
  if (level_ == most_captures) return refuse("too many captures");
  const bool position = pattern_at(next_ + 1) == ')';
  captures_[level_++] = {at_, position ? Capture::position : Capture::open};
  next_ += position ? 2 : 1;
  return push(Frame::Kind::opened, nullptr, nullptr, nullptr);
}

PatternMatcher::Step PatternMatcher::close_capture() noexcept {
  std::size_t index = level_;
  while (index > 0 && captures_[index - 1].length != Capture::open) --index;
  if (index == 0) return refuse("invalid pattern capture");
  --index;
  captures_[index].length = at_ - captures_[index].begin;
  ++next_;
  return push(Frame::Kind::closed, nullptr, nullptr, nullptr, static_cast<std::uint8_t>(index));
}

PatternMatcher::Step PatternMatcher::push(Frame::Kind kind, const char* at, const char* most, const char* item,
                                          std::uint8_t capture) noexcept {
  if (depth_ == most_nested) return refuse("pattern too complex");
  frames_[depth_++] = {kind, capture, at, most, item};
  return Step::on;
}

PatternMatcher::Step PatternMatcher::refuse(const char* mistake) noexcept {
  mistake_ = mistake;
  return Step::mistaken;
}

bool PatternMatcher::read_single(const char* item, Single& single) noexcept {
  single = {item + 1, nullptr, *item};
  switch (*item) {
    case '.': single.set = pattern_dot(); return true;
    case '[': {
      const ReadSet* read = find_set(item);
      if (read == nullptr) return false;
      single.end = read->end;
      single.set = &read->set;
      return true;
    }
    case '%':
      if (item + 1 == pattern_end_) {
        mistake_ = "malformed pattern (ends with '%')";
        return false;
      }
      single = {item + 2, pattern_class(item[1]), item[1]};
      return true;
    default: return true;
  }
}

const PatternMatcher::ReadSet* PatternMatcher::find_set(const char* begin) noexcept {
  for (std::size_t i = 0; i < std::min(sets_, sets_kept); ++i)
    if (read_sets_[i].begin == begin) return &read_sets_[i];
  const char* end = end_of_set(begin, pattern_end_);
  steps_ += steps_for(begin, end != nullptr ? end : pattern_end_, read_a_step);
  if (end == nullptr) {
    mistake_ = "malformed pattern (missing ']')";
    return nullptr;
  }
  ReadSet& place = read_sets_[sets_++ % sets_kept];
  place = {begin, end, read_set(begin, end)};
  return &place;
}

const char* PatternMatcher::run_of(const Single& single, const char* from) noexcept {
  if (single.set == pattern_dot()) return subject_end_;
  const char* to = from;
  if (single.set != nullptr) {
    const ByteSet set = *single.set;
    while (to < subject_end_ && set.has(*to)) ++to;
  } else {
    while (to < subject_end_ && *to == single.byte) ++to;
  }
  steps_ += steps_for(from, to, scanned_a_step);
  return to;
}

}  // namespace audit
