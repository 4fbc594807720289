// The page of a session on a telephone that loses its connection: what was tapped stays on the device until it arrived.
// Kept under one name for each user and session, without names of people; docs/decisions/0010-kept-on-the-device.md.
(() => {
  "use strict";

  const user = document.body.dataset.user;
  let page = document.getElementById("session");
  if (!page || !user) return;
  const NAME = `socius-kept:${user}:session:${page.dataset.session}`;
  const AGAIN = 15_000; // milliseconds between attempts
  const PATIENCE = 20_000;
  let isSending = false;

  const store = {
    read: () => {
      try {
        return JSON.parse(localStorage.getItem(NAME) || "null");
      } catch {
        return null;
      }
    },
    write: (kept) => {
      try {
        localStorage.setItem(NAME, JSON.stringify(kept));
      } catch {
        // A full or closed storage: the form still works as any form.
      }
    },
    forget: () => {
      try {
        localStorage.removeItem(NAME);
      } catch {
        // Nothing was kept.
      }
    },
  };

  const form = () => document.getElementById("session-note");
  const seenOf = (name) => form().elements[`was-${name}`];
  const valueOf = (field) => (field.type === "checkbox" ? (field.checked ? "on" : "") : field.value);

  // --- keeping ------------------------------------------------------------------------------------------------------

  const keep = (field) => {
    if (!field.name || field.type === "hidden" || field.type === "submit") return;
    const kept = store.read() || { values: {}, seen: {} };
    kept.at = Date.now();
    kept.values[field.name] = valueOf(field);
    if (!(field.name in kept.seen)) kept.seen[field.name] = seenOf(field.name)?.value ?? null;
    // Something new after an attempt whose answer never came is another sending.
    if (kept.isTried) form().elements.key.value = crypto.randomUUID?.() ?? "";
    kept.isTried = false;
    kept.key = form().elements.key.value;
    store.write(kept);
  };

  const put = (name, value) => {
    const field = form().elements[name];
    if (!field) {
      // Who is not on this page any more: the server says what became of it.
      const hidden = Object.assign(document.createElement("input"), { type: "hidden", name, value });
      form().append(hidden);
    } else if (field.type === "checkbox") {
      field.checked = value === "on";
    } else {
      field.value = value;
    }
  };

  const restore = () => {
    const kept = store.read();
    if (!kept || !form()) return kept;
    for (const [name, value] of Object.entries(kept.values)) {
      put(name, value);
      if (kept.seen[name] === null) continue;
      if (!seenOf(name)) put(`was-${name}`, kept.seen[name]);
      else seenOf(name).value = kept.seen[name];
    }
    if (kept.key) form().elements.key.value = kept.key;
    return kept;
  };

  // The server answered with a page: what it showed just now is what was seen of each value that is still kept.
  const keepOn = () => {
    const kept = store.read();
    if (!kept) return;
    for (const name of Object.keys(kept.values)) if (seenOf(name)) kept.seen[name] = seenOf(name).value;
    store.write({ ...kept, at: Date.now(), pending: null, isTried: false });
    restore();
  };

  // --- what is said -------------------------------------------------------------------------------------------------

  const say = (id) => {
    const box = document.getElementById("messages");
    box.querySelectorAll("[data-kept]").forEach((old) => old.remove());
    if (!id) return;
    const message = document.getElementById(id).content.firstElementChild.cloneNode(true);
    message.dataset.kept = id;
    box.prepend(message);
    message.querySelector("[data-forget]")?.addEventListener("click", () => {
      store.forget();
      location.reload();
    });
    message.scrollIntoView({ block: "nearest" });
  };

  // --- sending ------------------------------------------------------------------------------------------------------

  const freshToken = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];

  const body = (action) => {
    const data = new FormData(form());
    data.set("action", action);
    if (freshToken()) data.set("csrfmiddlewaretoken", freshToken());
    return data;
  };

  const waits = (action) => {
    const kept = store.read() || { values: {}, seen: {}, key: form().elements.key.value };
    store.write({ ...kept, at: Date.now(), isTried: true, pending: action });
  };

  const send = async (action) => {
    if (isSending) return;
    isSending = true;
    waits(action);
    say("session-sending");
    try {
      const answer = await fetch(location.pathname, {
        method: "POST",
        body: body(action),
        headers: { Accept: "application/json, text/html" },
        redirect: "manual",
        signal: AbortSignal.timeout(PATIENCE),
      });
      await take(answer);
    } catch {
      say("session-waiting");
    } finally {
      isSending = false;
    }
  };

  const take = async (answer) => {
    if (answer.ok && answer.headers.get("Content-Type").startsWith("application/json")) {
      const { next } = await answer.json();
      store.forget();
      location.assign(next);
    } else if ([409, 422].includes(answer.status)) {
      show(await answer.text());
    } else if (answer.type === "opaqueredirect" || answer.status === 401) {
      store.write({ ...store.read(), pending: null });
      say("notice-session-ended");
    } else {
      // What the server refuses for good is kept, but not sent again by itself.
      if (answer.status < 500) store.write({ ...store.read(), pending: null });
      say(answer.status >= 500 ? "session-waiting" : "notice-trouble");
    }
  };

  const show = (html) => {
    const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("session");
    page.replaceWith(fresh);
    page = fresh;
    say(null);
    keepOn();
    page.querySelector("[data-error-summary]")?.focus();
  };

  const sendPending = () => {
    const kept = store.read();
    if (kept?.pending && form() && navigator.onLine) send(kept.pending);
  };

  // --- at work ------------------------------------------------------------------------------------------------------

  const everybody = () => {
    for (const choices of page.querySelectorAll(".attendee-choices")) {
      const radios = [...choices.querySelectorAll("input")];
      if (radios.some((radio) => radio.checked)) continue;
      radios[0].checked = true;
      keep(radios[0]);
    }
  };

  document.addEventListener("change", (event) => event.target.form === form() && form() && keep(event.target));
  document.addEventListener("input", (event) => event.target.form === form() && form() && keep(event.target));
  document.addEventListener(
    "submit",
    (event) => {
      if (event.target !== form()) return;
      event.preventDefault();
      event.stopPropagation();
      const action = event.submitter?.value || "save";
      if (action === "everybody") everybody();
      else send(action);
    },
    true,
  );
  window.addEventListener("online", sendPending);
  setInterval(sendPending, AGAIN);

  const kept = restore();
  if (kept?.pending) sendPending();
  else if (kept && form()) say("session-unsent");
})();
