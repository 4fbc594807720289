// Small help on pages that work without it. Keeps nothing about people beyond this tab: sessionStorage only.
(() => {
  "use strict";

  const DRAFT = "socius-draft:";
  const user = document.body.dataset.user || "";
  const notice = (id) => document.getElementById(id)?.content.firstElementChild?.cloneNode(true);

  // --- drafts: a form with data-keep-draft="name" survives an expired session -------------------------------------

  const storage = (() => {
    try {
      sessionStorage.getItem(DRAFT);
      return sessionStorage;
    } catch {
      return null;
    }
  })();

  const draftKeys = () => (storage ? Object.keys(storage).filter((key) => key.startsWith(DRAFT)) : []);
  const forget = (keys = draftKeys()) => keys.forEach((key) => storage.removeItem(key));
  const keyOf = (form) => `${DRAFT}${form.dataset.keepDraft || location.pathname}`;

  const kept = (form) =>
    [...form.elements].filter(
      (field) => field.name && !field.disabled && !["hidden", "password", "file", "submit", "button"].includes(field.type),
    );

  const save = (form, isSent = false) => {
    if (!storage || !user) return;
    const values = kept(form).map((field) => [
      field.name,
      field.value,
      ["checkbox", "radio"].includes(field.type) ? field.checked : null,
      field.multiple && field.options ? [...field.selectedOptions].map((option) => option.value) : null,
    ]);
    try {
      storage.setItem(keyOf(form), JSON.stringify({ user, isSent, path: location.pathname, seen: seenOf(form), values }));
    } catch {
      // A full or closed storage must never stand between a person and the form.
    }
  };

  // What a colleague changed since is not put back: the form says with a mark for each field what it showed.
  const seenOf = (form) => form.elements.seen?.value || "";
  const overtaken = (form, seen = "") => {
    const now = new Set(seenOf(form).split(" "));
    return new Set(seen.split(" ").filter((mark) => !now.has(mark)).map((mark) => mark.split(":")[0]));
  };

  const put = (form, { values: all, seen }) => {
    const old = overtaken(form, seen);
    const values = all.filter(([name]) => !old.has(name));
    const fields = kept(form);
    let changed = false;
    for (const [name, value, checked, chosen] of values) {
      const same = fields.filter((field) => field.name === name);
      if (checked !== null) {
        const field = same.find((one) => one.value === value);
        if (field && field.checked !== checked) [field.checked, changed] = [checked, true];
      } else if (chosen && same[0]?.options) {
        for (const option of same[0].options) option.selected = chosen.includes(option.value);
      } else if (same.length === 1 && same[0].value !== value) {
        [same[0].value, changed] = [value, true];
      }
    }
    return changed;
  };

  const restore = (form) => {
    const draft = JSON.parse(storage?.getItem(keyOf(form)) || "null");
    if (!draft || draft.user !== user || form.querySelector("[data-error-summary]")) return;
    if (!put(form, draft)) return;
    const box = notice("notice-draft");
    form.prepend(box);
    box.querySelector("[data-discard-draft]").addEventListener("click", () => {
      forget([keyOf(form)]);
      box.remove();
      form.reset();
    });
    form.dispatchEvent(new Event("change", { bubbles: true }));
  };

  // A form that the server keeps as well says which version it has: what this tab remembers moves along with it.
  const followVersion = (event) => {
    const version = event.detail.elt?.querySelector?.("[name=draft_version]") || event.target.querySelector?.("[name=draft_version]");
    const form = version?.form;
    if (!form?.dataset.keepDraft) return;
    forget([keyOf(form)]);
    form.dataset.keepDraft = `${location.pathname}#${version.value}`;
    save(form);
  };
  document.addEventListener("htmx:afterSwap", followVersion);

  // What other scripts keep on the device until it is sent ("socius-kept:<user>:…", with `at`): theirs alone, three days.
  const KEPT = "socius-kept:";
  const LONGEST = 72 * 3600 * 1000;

  const keptKeys = () => {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(KEPT));
    } catch {
      return [];
    }
  };
  const isOurs = (key) => {
    try {
      return key.startsWith(`${KEPT}${user}:`) && Date.now() - JSON.parse(localStorage.getItem(key)).at < LONGEST;
    } catch {
      return false;
    }
  };
  const forgetKept = (keys) => keys.forEach((key) => localStorage.removeItem(key));
  if (user) forgetKept(keptKeys().filter((key) => !isOurs(key)));

  const tidyDrafts = (forms) => {
    if (!user) return;
    const here = new Set([...forms].map(keyOf));
    const isDone = Boolean(document.querySelector("[data-done]"));
    for (const key of draftKeys()) {
      const draft = JSON.parse(storage.getItem(key) || "{}");
      if (draft.user !== user || (draft.isSent && (isDone || !here.has(key)))) forget([key]);
    }
  };

  const startDrafts = () => {
    const forms = document.querySelectorAll("form[data-keep-draft]");
    tidyDrafts(forms);
    for (const form of forms) {
      restore(form);
      let timer;
      const later = () => {
        clearTimeout(timer);
        timer = setTimeout(() => save(form), 400);
      };
      form.addEventListener("input", later);
      form.addEventListener("change", later);
      form.addEventListener("submit", () => {
        clearTimeout(timer);
        save(form, true);
      });
    }
    for (const form of document.querySelectorAll("form[data-forget-drafts]")) {
      form.addEventListener("submit", (event) => {
        if (form.dataset.askKept && keptKeys().length && !confirm(form.dataset.askKept)) {
          event.preventDefault();
          return;
        }
        forget();
        forgetKept(keptKeys());
      });
    }
  };

  // --- one press, one post ------------------------------------------------------------------------------------------

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    const button = event.submitter;
    if (!button?.classList.contains("btn")) return;
    button.classList.add("is-busy");
    button.setAttribute("aria-disabled", "true");
  });

  // A form on its way asks nothing more: what it would ask is broken off by the page that comes.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.closest("form")?.dataset.sent) event.preventDefault();
  });

  // --- answers that come late ---------------------------------------------------------------------------------------

  // A form with data-newest="change" asks one question at a time (hx-sync "queue last"). What changed while an answer
  // was under way overtakes it: that answer is not shown, or it would undo what was just chosen; the next one is.
  const turns = new WeakMap();
  const askedAt = new WeakMap();
  const turnOf = (form) => turns.get(form) || 0;
  for (const kind of ["input", "change"]) {
    document.addEventListener(kind, ({ target }) => {
      const form = target.closest?.("form[data-newest]");
      if (form?.dataset.newest === kind) turns.set(form, turnOf(form) + 1);
    });
  }
  const isOvertaken = ({ requestConfig, xhr }) =>
    Boolean(requestConfig?.elt.dataset?.newest) && askedAt.get(xhr) !== turnOf(requestConfig.elt);

  // Who leaves a page leaves its questions too: the browser breaks them off, and that is no error.
  const underWay = new Set();
  document.addEventListener("htmx:beforeSend", ({ detail }) => {
    underWay.add(detail.xhr);
    askedAt.set(detail.xhr, turnOf(detail.elt));
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => underWay.delete(detail.xhr));
  window.addEventListener("pagehide", () => {
    for (const xhr of underWay) xhr.onabort = xhr.onerror = null;
    underWay.clear();
  });

  // Logging in again in another tab renews the token; the page that stayed open takes it over.
  const freshToken = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];

  document.addEventListener(
    "submit",
    (event) => {
      const field = event.target.elements.csrfmiddlewaretoken;
      if (field && freshToken()) field.value = freshToken();
    },
    true,
  );

  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "get" && freshToken()) event.detail.headers["X-CSRFToken"] = freshToken();
  });

  const wakeForms = () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
    for (const button of document.querySelectorAll(".is-busy")) {
      button.classList.remove("is-busy");
      button.removeAttribute("aria-disabled");
    }
  };
  window.addEventListener("pageshow", wakeForms);

  // --- fragments ----------------------------------------------------------------------------------------------------

  const say = (id) => {
    const box = document.getElementById("messages");
    const message = notice(id);
    if (!box || !message || box.querySelector(`[data-notice="${id}"]`)) return;
    message.dataset.notice = id;
    box.prepend(message);
    message.scrollIntoView({ block: "nearest" });
  };

  const loginPath = () => {
    const link = document.getElementById("notice-session-ended")?.content.querySelector("[data-login]");
    return link ? new URL(link.getAttribute("href"), location.href).pathname : null;
  };

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    const landed = xhr.responseURL ? new URL(xhr.responseURL).pathname : "";
    const isEnded = [401, 403].includes(xhr.status) || (landed && landed === loginPath());
    if (isEnded) {
      event.detail.shouldSwap = false;
      say("notice-session-ended");
    } else if (xhr.status >= 400 && xhr.status !== 422) {
      say("notice-trouble");
    } else {
      document.querySelectorAll("#messages [data-notice]").forEach((message) => message.remove());
    }
    if (xhr.status === 422) event.detail.shouldSwap = true;
    if (isOvertaken(event.detail)) event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:sendError", () => say("notice-trouble"));
  document.addEventListener("htmx:timeout", () => say("notice-trouble"));

  // --- small comforts -----------------------------------------------------------------------------------------------

  const closeOthers = (except) => {
    for (const menu of document.querySelectorAll("details[data-closes][open]")) if (menu !== except) menu.open = false;
  };
  document.addEventListener("click", (event) => closeOthers(event.target.closest?.("details[data-closes]")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details[data-closes][open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });

  startDrafts();
  document.querySelector("[data-error-summary]")?.focus();
})();
