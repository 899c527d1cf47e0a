#pragma once

#include <string>

#include "notify/news.hpp"

namespace audit::notify {

inline Failure a_failure(Severity severity, std::string message = "Telnet answers on 23/tcp") {
  return {severity, "exposure.telnet-open", "10.0.0.7", "tcp/10.0.0.7:23", std::move(message)};
}

/// A complete run that found nothing.
inline News some_news() {
  News news;
  news.version = "1.2.3";
  news.id = "20261122T010203-3fa91c";
  news.host = "auditor";
  news.inventory_name = "Campus";
  news.inventory_path = "campus.toml";
  news.started = WallTime(std::chrono::milliseconds(1'795'309'323'000));  // 2026-11-22T01:02:03Z
  news.finished = news.started + std::chrono::seconds(60);
  news.complete = true;
  news.summary.planned = 3;
  news.summary.checks[static_cast<std::size_t>(Status::pass)] = 3;
  return news;
}

/// What peers send to see what becomes of it: ends of lines, headers, quotes, controls, markup, bytes that are no UTF-8.
inline const std::string hostile =
    "x\r\nBcc: all@example.net\r\n.\r\n\x1b[31m\"]\\<script>\xff\xfe\xe2\x80\xae=?UTF-8?Q?a?= \n";

}  // namespace audit::notify
