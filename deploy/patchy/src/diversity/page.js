// Says what a cell stands for, and goes from cell to cell with the arrow keys.
const said = document.getElementById("said");
for (const map of document.querySelectorAll(".map")) {
    const first = map.querySelector(".heat");
    if (first) first.tabIndex = 0;
    const tell = (event) => {
        const cell = event.target.closest(".heat");
        said.textContent = cell ? cell.dataset.said : "";
    };
    map.addEventListener("mouseover", tell);
    map.addEventListener("focusin", tell);
    map.addEventListener("mouseleave", () => { said.textContent = ""; });
    map.addEventListener("focusout", () => { said.textContent = ""; });
    map.addEventListener("keydown", (event) => {
        const ways = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
        const way = ways[event.key];
        const cell = event.target.closest(".heat");
        if (!way || !cell) return;
        const row = map.tBodies[0].rows[cell.parentElement.sectionRowIndex + way[0]];
        const next = row && row.cells[cell.cellIndex + way[1]];
        if (next && next.classList.contains("heat")) {
            cell.tabIndex = -1;
            next.tabIndex = 0;
            next.focus();
        }
        event.preventDefault();
    });
}
