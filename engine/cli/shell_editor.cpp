#include "cli/shell_editor.hpp"

#include <histedit.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cwchar>

#include "base/text.hpp"
#include "cli/shell_history.hpp"

namespace audit::cli {

struct ShellEditor::Parts {
  Parts(ShellHistory& history_in, Completer completer_in)
      : kept(history_in), completer(std::move(completer_in)), edit(el_init("audit", stdin, stdout, stderr)),
        history(history_init()) {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGWINCH}) sigaddset(&set, number);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  }
  ~Parts() {
    el_end(edit);
    history_end(history);
    close(signals);
  }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  static Parts& of(EditLine* edit) {
    void* self = nullptr;
    el_get(edit, EL_CLIENTDATA, &self);
    return *static_cast<Parts*>(self);
  }
  static char* show_prompt(EditLine* edit) { return of(edit).prompt.data(); }
  static int read_character(EditLine* edit, wchar_t* character) { return of(edit).read_character(character); }
  static unsigned char on_tab(EditLine* edit, std::wint_t /*key*/) { return of(edit).complete(); }

  int read_character(wchar_t* character);
  unsigned char complete();
  /// Takes what signals there are; false where one ends the reading.
  bool take_signals();

  ShellHistory& kept;
  Completer completer;
  EditLine* edit;
  History* history;
  int signals = -1;
  std::string prompt;
  Event event = Event::line;
};

bool ShellEditor::Parts::take_signals() {
  signalfd_siginfo info{};
  while (::read(signals, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    const auto number = static_cast<int>(info.ssi_signo);
    if (number == SIGWINCH) el_resize(edit);
    if (number == SIGINT) event = Event::interrupted;
    if (number == SIGTERM || number == SIGHUP) event = Event::terminated;
  }
  return event == Event::line;
}

/// One character of the terminal's encoding: 1, 0 at the end, -1 to give the line up.
int ShellEditor::Parts::read_character(wchar_t* character) {
  std::mbstate_t state{};
  while (true) {
    pollfd waits[] = {{STDIN_FILENO, POLLIN, 0}, {signals, POLLIN, 0}};
    if (poll(waits, 2, -1) < 0 && errno != EINTR) return -1;
    if (waits[1].revents != 0 && !take_signals()) return -1;
    if (waits[0].revents == 0) continue;
    char byte = 0;
    const ssize_t got = ::read(STDIN_FILENO, &byte, 1);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) {
      event = Event::end;
      return 0;
    }
    const std::size_t used = std::mbrtowc(character, &byte, 1, &state);
    if (used == static_cast<std::size_t>(-2)) continue;  // more bytes to come
    if (used == static_cast<std::size_t>(-1)) {
      state = std::mbstate_t{};
      continue;  // not of this encoding: dropped
    }
    return 1;
  }
}

unsigned char ShellEditor::Parts::complete() {
  const LineInfo* info = el_line(edit);
  const std::string before(info->buffer, info->cursor);
  const Completion found = completer(before);
  if (found.words.empty()) return CC_REFRESH_BEEP;
  std::string common = found.words.front();
  for (const std::string& word : found.words)
    common.resize(static_cast<std::size_t>(std::mismatch(common.begin(), common.end(), word.begin(), word.end()).first -
                                           common.begin()));
  const std::string_view typed = std::string_view(before).substr(found.start);
  if (common.size() > typed.size()) {
    el_insertstr(edit, common.c_str() + typed.size());
    return CC_REFRESH;
  }
  if (found.words.size() == 1) return CC_REFRESH;
  constexpr std::size_t most = 100;
  constexpr std::size_t width = 78;
  std::string list = "\n";
  std::size_t column = 0;
  for (std::size_t i = 0; i < std::min(found.words.size(), most); ++i) {
    if (column + found.words[i].size() + 2 > width) {
      list += '\n';
      column = 0;
    }
    list += found.words[i] + "  ";
    column += found.words[i].size() + 2;
  }
  if (found.words.size() > most) list += "… (" + std::to_string(found.words.size() - most) + " more)";
  list += '\n';
  std::fputs(list.c_str(), stdout);
  return CC_REDISPLAY;
}

ShellEditor::ShellEditor(ShellHistory& history, Completer completer) {
  // The terminal's encoding, and UTF-8 where none is said; nothing else of the locale.
  const char* locale = std::setlocale(LC_CTYPE, "");  // NOLINT(concurrency-mt-unsafe): before any thread is started
  if (locale == nullptr || MB_CUR_MAX == 1) std::setlocale(LC_CTYPE, "C.UTF-8");  // NOLINT(concurrency-mt-unsafe)
  parts_ = std::make_unique<Parts>(history, std::move(completer));
  EditLine* edit = parts_->edit;
  HistEvent event;
  constexpr int remembered = 2'000;
  ::history(parts_->history, &event, H_SETSIZE, remembered);
  for (const std::string& line : history.lines()) ::history(parts_->history, &event, H_ENTER, line.c_str());
  el_set(edit, EL_CLIENTDATA, parts_.get());
  el_set(edit, EL_PROMPT, &Parts::show_prompt);
  el_set(edit, EL_SIGNAL, 0);
  el_set(edit, EL_EDITOR, "emacs");
  el_set(edit, EL_HIST, ::history, parts_->history);
  el_set(edit, EL_GETCFN, static_cast<el_rfunc_t>(&Parts::read_character));
  // Of narrow texts el_set keeps copies that it never frees.
  el_wset(edit, EL_ADDFN, L"audit-complete", L"Completes what the cursor stands at", &Parts::on_tab);
  el_set(edit, EL_BIND, "^I", "audit-complete", nullptr);
  el_set(edit, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  el_source(edit, nullptr);
}

ShellEditor::~ShellEditor() = default;

ShellEditor::Event ShellEditor::read(const std::string& prompt, std::string& line) {
  Parts& parts = *parts_;
  parts.prompt = prompt;
  parts.event = Event::line;
  int count = 0;
  el_set(parts.edit, EL_PREP_TERM, 1);  // before the prompt: Ctrl-D counts as soon as that is seen
  const char* text = el_gets(parts.edit, &count);
  if (parts.event != Event::line) {
    std::fputs(parts.event == Event::interrupted ? "^C\n" : "\n", stdout);
    std::fflush(stdout);
    el_reset(parts.edit);
    return parts.event;
  }
  if (text == nullptr || count <= 0) {
    std::fputs("\n", stdout);
    return Event::end;
  }
  line.assign(text, static_cast<std::size_t>(count));
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  if (parts.kept.add(line)) {
    HistEvent event;
    ::history(parts.history, &event, H_ENTER, line.c_str());
  }
  return Event::line;
}

}  // namespace audit::cli
