#pragma once

#include <string>
#include <vector>

#include "notify/news.hpp"

namespace audit::notify {

/// One notifier's news in every form that a kind of notifier needs. All of it is safe to print, and of bounded size.
struct Message {
  const News* news = nullptr;
  std::vector<std::string> reasons;
  std::string json;
  std::string subject;  // one line of UTF-8
  std::string text;     // lines that end with \n
};

/// The object that webhooks and commands get, and mail has beside its text: stable keys in a stable order, and `schema`,
/// which counts up where a key goes or changes its meaning.
[[nodiscard]] std::string json_body(const News& news, const std::vector<std::string>& reasons);
/// The result in one line, at most 200 bytes of names in it.
[[nodiscard]] std::string subject_of(const News& news);
[[nodiscard]] std::string text_body(const News& news, const std::vector<std::string>& reasons);

[[nodiscard]] Message make_message(const News& news, std::vector<std::string> reasons);

}  // namespace audit::notify
