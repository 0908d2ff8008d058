import { toColumnLetters } from './columns.js';
import { toXml } from './xlsx-cells.js';
import { OFFICE, PACKAGE, XML } from './xlsx-parts.js';

const DRAWING = 'http://schemas.openxmlformats.org/drawingml/2006';
/** The size of a chart in columns and rows, and the distance to the next below it. */
const [COLUMNS, ROWS, STEP] = [5, 18, 20];

/** A chart of columns with values of its sheet. Rows and columns count from 0; the header is row 0. */
export interface SheetChart {
  title: string;
  /** The rows with the values, whose names are in column 0. */
  firstRow: number;
  lastRow: number;
  /** A group of bars for each column, with the name of the group. */
  series: readonly { name: string; column: number }[];
}

/** The place of a chart: right of the table, one below the other. @param column the first column without data */
export const toDrawing = (charts: number, column: number): string =>
  `${XML}<xdr:wsDr xmlns:xdr="${DRAWING}/spreadsheetDrawing" xmlns:a="${DRAWING}/main">${range(charts)
    .map(
      (index) =>
        `<xdr:twoCellAnchor>${toMarker('from', column + 1, index * STEP + 1)}${toMarker('to', column + 1 + COLUMNS, index * STEP + 1 + ROWS)}<xdr:graphicFrame macro=""><xdr:nvGraphicFramePr><xdr:cNvPr id="${index + 2}" name="Chart ${index + 1}"/><xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr><xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm><a:graphic><a:graphicData uri="${DRAWING}/chart"><c:chart xmlns:c="${DRAWING}/chart" xmlns:r="${OFFICE}" r:id="rId${index + 1}"/></a:graphicData></a:graphic></xdr:graphicFrame><xdr:clientData/></xdr:twoCellAnchor>`,
    )
    .join('')}</xdr:wsDr>`;

const toMarker = (name: string, column: number, row: number): string =>
  `<xdr:${name}><xdr:col>${column}</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>${row}</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:${name}>`;

/** The relations of a part to parts of one type. @param targets paths from the part */
export const toRelations = (type: 'drawing' | 'chart', targets: readonly string[]): string =>
  `${XML}<Relationships xmlns="${PACKAGE}/relationships">${targets
    .map((target, index) => `<Relationship Id="rId${index + 1}" Type="${OFFICE}/${type}" Target="${target}"/>`)
    .join('')}</Relationships>`;

/** @param isRightToLeft the groups of bars begin at the right */
export function toChart(chart: SheetChart, sheetName: string, isRightToLeft: boolean): string {
  const series = chart.series
    .map(({ name, column }, index) => toSeries(index, name, toRanges(chart, sheetName, column)))
    .join('');
  const names = {
    type: 'catAx',
    id: 1,
    crossedBy: 2,
    side: 'b',
    orientation: isRightToLeft ? 'maxMin' : 'minMax',
    content: '',
  } as const;
  const values = {
    type: 'valAx',
    id: 2,
    crossedBy: 1,
    side: isRightToLeft ? 'r' : 'l',
    orientation: 'minMax',
    content: '<c:majorGridlines/>',
  } as const;
  return `${XML}<c:chartSpace xmlns:c="${DRAWING}/chart" xmlns:a="${DRAWING}/main" xmlns:r="${OFFICE}"><c:chart><c:title><c:tx><c:rich><a:bodyPr/><a:p><a:r><a:t>${toXml(chart.title)}</a:t></a:r></a:p></c:rich></c:tx><c:overlay val="0"/></c:title><c:autoTitleDeleted val="0"/><c:plotArea><c:layout/><c:barChart><c:barDir val="col"/><c:grouping val="clustered"/><c:varyColors val="0"/>${series}<c:gapWidth val="80"/><c:axId val="1"/><c:axId val="2"/></c:barChart>${toAxis(names)}${toAxis(values)}</c:plotArea><c:legend><c:legendPos val="b"/><c:overlay val="0"/></c:legend><c:plotVisOnly val="1"/></c:chart></c:chartSpace>`;
}

interface Axis {
  /** The name of its element: of names (`catAx`) or of values (`valAx`). */
  type: 'catAx' | 'valAx';
  id: number;
  /** The id of the other axis. */
  crossedBy: number;
  side: 'b' | 'l' | 'r';
  orientation: 'minMax' | 'maxMin';
  content: string;
}

const toAxis = ({ type, id, crossedBy, side, orientation, content }: Axis): string =>
  `<c:${type}><c:axId val="${id}"/><c:scaling><c:orientation val="${orientation}"/></c:scaling><c:delete val="0"/><c:axPos val="${side}"/>${content}<c:crossAx val="${crossedBy}"/><c:crosses val="autoZero"/></c:${type}>`;

/** The colours of the day and of the week before, as in the PDF files. */
const COLORS = ['0B5FA5', 'A9C8E4'];

const toSeries = (index: number, name: string, { names, values }: Ranges): string =>
  `<c:ser><c:idx val="${index}"/><c:order val="${index}"/><c:tx><c:v>${toXml(name)}</c:v></c:tx><c:spPr><a:solidFill><a:srgbClr val="${COLORS[index % COLORS.length]}"/></a:solidFill></c:spPr><c:invertIfNegative val="0"/><c:cat><c:strRef><c:f>${names}</c:f></c:strRef></c:cat><c:val><c:numRef><c:f>${values}</c:f></c:numRef></c:val></c:ser>`;

interface Ranges {
  names: string;
  values: string;
}

function toRanges({ firstRow, lastRow }: SheetChart, sheetName: string, column: number): Ranges {
  const sheet = `'${toXml(sheetName.replaceAll("'", "''"))}'`;
  const toRange = (name: string): string => `${sheet}!$${name}$${firstRow + 1}:$${name}$${lastRow + 1}`;
  return { names: toRange(toColumnLetters(0)), values: toRange(toColumnLetters(column)) };
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
