#include "notify/ping.hpp"

#include "notify/transfer.hpp"

namespace audit::notify {

std::string_view stage_of(const News& news) {
  if (news.event == Event::start) return "start";
  return news.event == Event::test || news.did_its_work() ? "success" : "fail";
}

std::string ping_path(std::string_view path, const News& news) {
  const std::string_view stage = stage_of(news);
  if (stage == "success") return std::string(path);
  const std::size_t query = std::min(path.find('?'), path.size());
  std::string longer(path.substr(0, query));
  if (!longer.ends_with('/')) longer += '/';
  longer += stage;
  longer += path.substr(query);
  return longer;
}

Sent send_ping(const Delivery& delivery) {
  NotifyAddress address = delivery.settings.address;
  address.path = ping_path(address.path, *delivery.message.news);
  return post(delivery, {address.url(), "text/plain; charset=utf-8", delivery.message.text, {}});
}

}  // namespace audit::notify
