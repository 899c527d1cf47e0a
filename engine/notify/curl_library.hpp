#pragma once

#include <curl/curl.h>

#include "base/result.hpp"

namespace audit::notify {

/// libcurl, loaded when the first message is sent by it: it brings thirty libraries along, and to load those takes twice
/// as long as all else of a start, which every run would pay and few need. By libcurl's names, without their `curl_`.
struct CurlLibrary {
  decltype(&::curl_easy_init) easy_init = nullptr;
  decltype(&::curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&::curl_easy_setopt) easy_setopt = nullptr;
  decltype(&::curl_easy_perform) easy_perform = nullptr;
  decltype(&::curl_easy_getinfo) easy_getinfo = nullptr;
  decltype(&::curl_easy_strerror) easy_strerror = nullptr;
  decltype(&::curl_slist_append) slist_append = nullptr;
  decltype(&::curl_slist_free_all) slist_free_all = nullptr;
  decltype(&::curl_mime_init) mime_init = nullptr;
  decltype(&::curl_mime_free) mime_free = nullptr;
  decltype(&::curl_mime_addpart) mime_addpart = nullptr;
  decltype(&::curl_mime_data) mime_data = nullptr;
  decltype(&::curl_mime_type) mime_type = nullptr;
  decltype(&::curl_mime_filename) mime_filename = nullptr;
  decltype(&::curl_mime_encoder) mime_encoder = nullptr;
};

/// The same for all threads, until the process ends. The first call is to come before there are threads that use it.
/// Error: local_fault, the library is not there, or not one that this program can use.
[[nodiscard]] const Result<CurlLibrary>& curl_library();

}  // namespace audit::notify
