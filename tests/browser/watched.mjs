/// A new tab of `context`, and the list in which everything is written that a page at `url` has no business to do: to ask
/// for anything but itself, to speak on the console, to open dialogs, windows and downloads, to go elsewhere.
export async function watched(context, url) {
  const tab = await context.newPage();
  const done = [];
  tab.on("request", (request) => request.url() !== url && done.push(`it asks for ${request.url().slice(0, 200)}`));
  tab.on("console", (message) => done.push(`the console says ${message.type()}: ${message.text().slice(0, 300)}`));
  tab.on("pageerror", (error) => done.push(`a script failed: ${String(error).slice(0, 300)}`));
  tab.on("dialog", async (dialog) => {
    done.push(`it opened a dialog: ${dialog.message().slice(0, 200)}`);
    await dialog.dismiss();
  });
  tab.on("popup", () => done.push("it opened a window"));
  tab.on("download", () => done.push("it started a download"));
  tab.on("framenavigated", (frame) => {
    if (frame.parentFrame() !== null) done.push("it has a frame");
    else if (frame.url() !== url && frame.url() !== "about:blank") done.push(`it went to ${frame.url().slice(0, 200)}`);
  });
  return { tab, done };
}
