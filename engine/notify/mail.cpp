#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "notify/mail_header.hpp"
#include "notify/transfer.hpp"

namespace audit::notify {
namespace {

/// As a domain may have them: for EHLO and the Message-ID.
std::string domain_of(const std::string& host) {
  std::string domain;
  for (const char c : host)
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.') domain += c;
  return domain.empty() ? "localhost" : domain;
}

void add_headers(Transfer& transfer, const Delivery& delivery) {
  const NotifySettings& settings = delivery.settings;
  const News& news = *delivery.message.news;
  transfer.add_header(fmt::format("Date: {}", mail_date(news.finished)));
  transfer.add_header(fmt::format("From: <{}>", settings.from));
  std::string to;
  for (const std::string& one : settings.to) to += fmt::format("{}<{}>", to.empty() ? "" : ",\r\n ", one);
  transfer.add_header(fmt::format("To: {}", to));
  transfer.add_header(fmt::format("Subject: {}", header_text(delivery.message.subject)));
  transfer.add_header(fmt::format("Message-ID: <{}.{}@{}>", domain_of(news.id), settings.name, domain_of(news.host)));
  transfer.add_header("Auto-Submitted: auto-generated");  // RFC 3834: nobody's absence is told to us
  transfer.send_headers();
}

/// The text, and the object that webhooks get.
void add_parts(const CurlLibrary& curl, curl_mime* mail, const Message& message) {
  curl_mimepart* text = curl.mime_addpart(mail);
  curl.mime_data(text, message.text.data(), message.text.size());
  curl.mime_type(text, "text/plain; charset=utf-8");
  curl.mime_encoder(text, "quoted-printable");
  curl_mimepart* json = curl.mime_addpart(mail);
  curl.mime_data(json, message.json.data(), message.json.size());
  curl.mime_type(json, "application/json");
  curl.mime_filename(json, "audit.json");
  curl.mime_encoder(json, "base64");
}

Sent result_of(const Transfer& transfer, CURLcode code, const Delivery& delivery) {
  if (code == CURLE_OK) return {Sent::How::delivered, "", {}};
  const long status = transfer.status();
  std::string message = fmt::format("{}: {}", delivery.settings.address.shown(), transfer.why(code));
  if (status >= 400) message += fmt::format(": {}", transfer.last_line());
  if (code == CURLE_USE_SSL_FAILED)
    message +=
        "; the server offers no STARTTLS: write tls = \"implicit\", or tls = \"none\" if it may go in clear text";
  const bool passing = status >= 400 ? status < 500 : is_passing(code);
  return {passing ? Sent::How::failed : Sent::How::refused, std::move(message), {}};
}

}  // namespace

Sent send_mail(const Delivery& delivery) {
  const NotifySettings& settings = delivery.settings;
  NotifyAddress server = settings.address;
  server.scheme = settings.tls == MailTls::implicit ? "smtps" : "smtp";
  server.path = "/" + domain_of(delivery.message.news->host);
  const Result<CurlLibrary>& curl = curl_library();
  if (!curl) return {Sent::How::refused, curl.error().message, {}};
  Transfer transfer(*curl, delivery, server.url(), settings.tls == MailTls::implicit ? "smtps" : "smtp");
  transfer.set(CURLOPT_USE_SSL, static_cast<long>(settings.tls == MailTls::none ? CURLUSESSL_NONE : CURLUSESSL_ALL));
  if (!settings.credential.empty()) {
    const std::size_t colon = delivery.secret.find(':');
    if (colon == std::string::npos)
      return {Sent::How::refused,
              fmt::format("credential `{}` has to be user:password for mail", visible(settings.credential, 100)),
              {}};
    transfer.set(CURLOPT_USERNAME, delivery.secret.substr(0, colon).c_str());
    transfer.set(CURLOPT_PASSWORD, delivery.secret.substr(colon + 1).c_str());
  }
  transfer.set(CURLOPT_MAIL_FROM, fmt::format("<{}>", settings.from).c_str());
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> recipients = [&] {
    curl_slist* list = nullptr;
    for (const std::string& one : settings.to) list = curl->slist_append(list, fmt::format("<{}>", one).c_str());
    return std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>(list, curl->slist_free_all);
  }();
  transfer.set(CURLOPT_MAIL_RCPT, recipients.get());
  add_headers(transfer, delivery);
  const std::unique_ptr<curl_mime, decltype(&curl_mime_free)> mail(curl->mime_init(transfer.handle()), curl->mime_free);
  add_parts(*curl, mail.get(), delivery.message);
  transfer.set(CURLOPT_MIMEPOST, mail.get());
  return result_of(transfer, transfer.perform(), delivery);
}

}  // namespace audit::notify
