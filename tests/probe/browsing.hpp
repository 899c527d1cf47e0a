#pragma once

#include "probe/conversation.hpp"
#include "probing.hpp"

namespace audit::test {

inline std::string answer_of(const std::string& body, const std::string& headers = {}) {
  return "HTTP/1.1 200 OK\r\n" + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

inline std::string redirect_to(const std::string& location, int status = 302) {
  return "HTTP/1.1 " + std::to_string(status) + " Moved\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n";
}

/// Asks `http` several times within one check.
struct Browsing : Probing {
  Browsing() : Probing(), check(target, deadline) {}

  probe::Answer browse(std::uint16_t port, Value::Object options = {}, probe::Context* in = nullptr) {
    probe::Question question;
    question.endpoints = target.endpoints(port, Transport::tcp);
    question.subject = "tcp/" + std::to_string(port);
    question.options = std::move(options);
    probe::Answer answer;
    probe::Context& asking = in != nullptr ? *in : check;
    auto task = [&]() -> awaitable<void> {
      answer = co_await probe::find_word("http")->ask(asking, std::move(question));
    };
    play(world, task);
    return answer;
  }
  [[nodiscard]] std::ptrdiff_t connects() const {
    return std::count_if(world.sent().begin(), world.sent().end(), [](const auto& sent) { return sent.bytes.empty(); });
  }
  [[nodiscard]] std::string sent() const {
    std::string all;
    for (const auto& sent : world.sent()) all += sent.bytes;
    return all;
  }

  probe::Context check;
};

inline bool flag(const Value::Object& fields, std::string_view key) {
  const auto found = fields.find(key);
  REQUIRE(found != fields.end());
  return *found->second.get_if<bool>();
}

inline const Value::Object& record_of(const probe::Answer& answer) {
  return *answer.observation->fields.get_if<Value::Object>();
}

}  // namespace audit::test
