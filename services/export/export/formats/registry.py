"""All formats by name. Each is declared in the `format` module of its family."""

from export.formats.bitmaps import format as bitmaps
from export.formats.camvid import format as camvid
from export.formats.cityscapes import format as cityscapes
from export.formats.coco import format as coco
from export.formats.cvat import format as cvat
from export.formats.datumaro import format as datumaro
from export.formats.ezlabel import format as ezlabel
from export.formats.format import ArchiveFormat, ImportFormat
from export.formats.icdar import format as icdar
from export.formats.imagenet import format as imagenet
from export.formats.kitti import format as kitti
from export.formats.labelme import format as labelme
from export.formats.lfw import format as lfw
from export.formats.market1501 import format as market1501
from export.formats.matlab import format as matlab
from export.formats.modelarts import format as modelarts
from export.formats.mot import format as mot
from export.formats.mots import format as mots
from export.formats.open_images import format as open_images
from export.formats.parquet import format as parquet
from export.formats.pascal_voc import format as pascal_voc
from export.formats.segmentation_mask import format as segmentation_mask
from export.formats.sentisight import format as sentisight
from export.formats.tfrecord import format as tfrecord
from export.formats.vggface2 import format as vggface2
from export.formats.wider_face import format as wider_face
from export.formats.yolo import format as yolo
from export.parsing.reader import Reader

FORMATS: dict[str, ArchiveFormat] = {
    each.name: each
    for each in (
        ezlabel.JSON,
        ezlabel.XML,
        coco.COCO,
        coco.COCO_KEYPOINTS,
        imagenet.IMAGENET,
        imagenet.SPLIT,
        datumaro.FORMAT,
        cvat.IMAGES,
        cvat.VIDEO,
        pascal_voc.FORMAT,
        labelme.XML,
        labelme.JSON,
        open_images.FORMAT,
        yolo.DARKNET,
        mot.FORMAT,
        yolo.DETECTION,
        yolo.TRACK,
        yolo.OBB,
        yolo.SEGMENTATION,
        yolo.POSE,
        yolo.CLASSIFICATION,
        wider_face.FORMAT,
        parquet.FORMAT,
        icdar.LOCALIZATION,
        icdar.RECOGNITION,
        cvat.JSON,
        ezlabel.CSV,
        sentisight.JSON,
        sentisight.CSV,
        vggface2.FORMAT,
        modelarts.FORMAT,
        market1501.FORMAT,
        tfrecord.FORMAT,
        lfw.FORMAT,
        segmentation_mask.FORMAT,
        kitti.FORMAT,
        cityscapes.FORMAT,
        camvid.FORMAT,
        mots.FORMAT,
        bitmaps.PNG,
        bitmaps.BMP,
        icdar.SEGMENTATION,
    )
}

IMPORT_FORMATS: tuple[ImportFormat, ...] = (matlab.FORMAT,)

READERS: dict[str, Reader] = {each.name: each.reader for each in FORMATS.values() if each.reader}
READERS |= {each.name: each.reader for each in IMPORT_FORMATS}
