#include "notify/syslog_line.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "notify/reasons.hpp"

namespace audit::notify {
namespace {

constexpr std::size_t longest_line = 2'048;
constexpr std::size_t longest_value = 200;         // bytes of a name within the structured data
constexpr std::string_view sd_id = "audit@32473";  // the enterprise number for documentation (RFC 5612): we have none

std::string param(std::string_view name, std::string_view value) {
  return fmt::format(" {}=\"{}\"", name, param_value(value.substr(0, std::min(value.size(), longest_value))));
}

std::string param(std::string_view name, std::uint64_t value) { return fmt::format(" {}=\"{}\"", name, value); }

std::string structured_data(const Message& message) {
  const News& news = *message.news;
  std::string data = fmt::format("[{}", sd_id);
  data += param("run", news.id) +
          param("inventory", news.inventory_name.empty() ? news.inventory_path : news.inventory_name);
  data += param("why", joined(message.reasons));
  data +=
      param("exit", static_cast<std::uint64_t>(news.exit_code)) + param("complete", news.complete ? "true" : "false");
  data += param("planned", news.summary.planned);
  for (const Status status : all_statuses) data += param(name_of(status), news.summary.of(status));
  data += param("failures", news.failures.count());
  if (news.change) data += param("new_failures", news.change->new_failures.count());
  return data + "]";
}

/// Not within a character.
void cut(std::string& line) {
  if (line.size() <= longest_line) return;
  std::size_t end = longest_line;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xc0U) == 0x80) --end;
  line.resize(end);
}

}  // namespace

unsigned syslog_severity(const News& news) {
  unsigned severity = 6;
  if (news.failures.count_from(Severity::low) > 0) severity = 4;
  if (news.failures.count_from(Severity::high) > 0 || (news.event == Event::end && !news.complete)) severity = 3;
  if (news.failures.count_from(Severity::critical) > 0) severity = 2;
  return severity;
}

std::string param_value(std::string_view text) {
  std::string escaped;
  for (const char c : visible(text)) {
    if (c == '"' || c == '\\' || c == ']') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string header_field(std::string_view text, std::size_t most) {
  std::string field;
  for (const char c : text.substr(0, std::min(text.size(), most)))
    if (c > 0x20 && c < 0x7f) field += c;
  return field.empty() ? "-" : field;
}

std::string syslog_line(const Message& message, std::uint8_t facility, int process) {
  const News& news = *message.news;
  std::string line = fmt::format("<{}>1 {} {} audit {} {} {} {}", facility * 8U + syslog_severity(news),
                                 format_utc(news.finished), header_field(news.host, 255), process,
                                 news.event == Event::test ? "test" : "run", structured_data(message), message.subject);
  cut(line);
  return line;
}

}  // namespace audit::notify
