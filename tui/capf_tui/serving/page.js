// The page finds its way back by the name by which it was asked for, and keys need no click first.
"use strict";

const terminal = document.getElementById("terminal");
const scheme = location.protocol === "https:" ? "wss://" : "ws://";
terminal.dataset.sessionWebsocketUrl = scheme + location.host + "/ws";

new MutationObserver((_, observer) => {
  if (document.body.classList.contains("-loaded")) {  // set by textual.js: keys have a way to go
    observer.disconnect();
    document.querySelector(".xterm-helper-textarea").focus();
  }
}).observe(document.body, { attributeFilter: ["class"] });
