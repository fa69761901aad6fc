// Attaches to .schedule[data-guesses]: a member who has never said where they are gets the time zone
// of their browser, and sees it in the menu.

for (const place of document.querySelectorAll(".schedule[data-guesses]")) {
  const menu = place.querySelector("select[name=time_zone]");
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (menu && [...menu.options].some(({ value }) => value === here)) menu.value = here;
}
